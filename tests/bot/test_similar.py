"""`/similar`, the message menu and the mention, acted by members of the server."""

from __future__ import annotations

import io

import discord
import pytest
from PIL import Image

from bot import custom_ids, texts
from bot.database import Database
from search_core.filters import RuleKind
from search_core.imaging import MAX_BYTES
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, buttons, options, posted_copy, sample_picture, words
from tests.bot.staff import add_rule, custom_ids_of, press_crafted, press_forged

NAME, OTHER = "animals/ant_01.jpg", "animals/bat_01.jpg"


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def bot_mention(world: World) -> str:
    assert world.client.user is not None
    return f"<@{world.client.user.id}>"


async def test_a_posted_copy_finds_its_original_first(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "similar", image=("copy.jpg", posted_copy(NAME))))

    assert len(alts(message)) == 9
    assert await message.attachments[0].read() == sample_picture(NAME)
    assert texts.SIMILAR_TO_POSTED in words(message)
    assert not message.ephemeral


async def test_the_answer_to_a_posted_picture_can_be_private(world: World) -> None:
    result = await world.ann.slash(world.channel, "similar", image=("copy.jpg", posted_copy(NAME)), private=True)

    assert answer(result).ephemeral


BAD_PICTURES = {
    "text": (b"not a picture at all", "no picture that can be read"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture that can be read"),
    "empty": (b"", "empty"),
    "truncated": (sample_picture(NAME)[:600], "damaged or cut off"),
    "one pixel": (encoded(Image.new("RGB", (1, 1))), "too small"),
    "a strip": (encoded(Image.new("RGB", (10, 2_000))), "too narrow"),
    "too many pixels": (encoded(Image.new("1", (12_000, 12_000))), "too large"),
}


@pytest.mark.parametrize("name", BAD_PICTURES)
async def test_a_bad_picture_gives_one_clear_error_and_the_next_is_answered(world: World, name: str) -> None:
    data, told = BAD_PICTURES[name]

    message = answer(await world.ann.slash(world.channel, "similar", image=("holiday.png", data)))
    after = answer(await world.ann.slash(world.channel, "similar", image=("copy.jpg", posted_copy(NAME))))

    assert told in words(message)
    assert "(error " not in words(message)
    assert len(alts(after)) == 9


async def test_the_menu_answers_in_private_with_pictures_like_the_messages_own(world: World) -> None:
    posted = await world.ben.send(world.channel, "look", attachments=[("copy.jpg", posted_copy(NAME))])

    message = answer(await world.ann.context_menu(world.channel, texts.SIMILAR_MENU, posted))

    assert message.ephemeral
    assert await message.attachments[0].read() == sample_picture(NAME)
    assert texts.SIMILAR_TO_MESSAGE in words(message)


async def test_the_menu_on_one_of_the_bots_own_answers_asks_which_picture_and_answers_for_it(world: World) -> None:
    own = answer(await world.ann.slash(world.channel, "similar", image=("copy.jpg", posted_copy(NAME))))
    third = await own.attachments[2].read()

    asked = answer(await world.ben.context_menu(world.channel, texts.SIMILAR_MENU, own.message))
    message = answer(await world.ben.select(asked, ["3"]))

    assert asked.ephemeral
    assert message.ephemeral
    assert texts.WHICH_PICTURE in words(asked)
    assert alts(asked) == [texts.WHICH_OPTION.format(number=number) for number in range(1, 10)]
    assert await message.attachments[0].read() == third


async def test_a_message_with_several_pictures_is_asked_about_and_the_question_works_after_a_restart(
    world: World, new_client: NewClient
) -> None:
    pictures = [("bee.jpg", posted_copy(OTHER)), ("SPOILER_ant.jpg", posted_copy(NAME)), ("notes.txt", b"words")]
    posted = await world.ben.send(world.channel, "two", attachments=pictures)
    asked = answer(await world.ann.context_menu(world.channel, texts.SIMILAR_MENU, posted))

    await world.env.restart_bot(new_client())
    message = answer(await world.ann.select(asked, ["2"]))

    assert list(options(asked).values()) == ["1", "2"]
    assert await message.attachments[0].read() == sample_picture(NAME)
    assert message.attachments[0].filename.startswith("SPOILER_"), "the one that was picked was under a spoiler"


@pytest.mark.parametrize("picked", ["0", "3", "x", ""])
async def test_a_picture_that_was_not_offered_is_told_as_gone(world: World, picked: str) -> None:
    pictures = [("a.jpg", posted_copy(NAME)), ("b.jpg", posted_copy(OTHER))]
    posted = await world.ben.send(world.channel, "two", attachments=pictures)
    asked = answer(await world.ann.context_menu(world.channel, texts.SIMILAR_MENU, posted))

    told = answer(await press_forged(world.ann, asked, custom_ids.WHICH, [picked]))

    assert texts.WHICH_GONE in words(told)
    assert told.ephemeral


async def test_a_private_answer_is_posted_for_everybody_when_its_asker_wants_that(world: World) -> None:
    posted = await world.ben.send(world.channel, "look", attachments=[("copy.jpg", posted_copy(NAME))])
    private = answer(await world.ann.context_menu(world.channel, texts.SIMILAR_MENU, posted))
    await world.ann.click(private, label=texts.NEXT)

    public = answer(await world.ann.click(private, label=texts.POST))

    assert not public.ephemeral
    assert alts(public) == alts(private)
    assert texts.POST not in buttons(public)
    assert texts.DELETE in buttons(public)
    await world.ann.click(public, label=texts.PREVIOUS)
    assert texts.POST not in buttons(public)


async def test_what_is_posted_is_posted_under_the_rules_of_that_moment(world: World, database: Database) -> None:
    private = answer(await world.ann.slash(world.channel, "search", prompt="a skull", private=True))
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")
    before = world.channel.last_message

    result = await world.ann.click(private, label=texts.POST)

    assert "do not allow" in words(result.followups[-1])
    assert result.followups[-1].ephemeral
    assert world.channel.last_message == before


async def test_nobody_else_can_post_an_answer(world: World) -> None:
    public = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))
    copy = answer(await world.ben.click(public, label=texts.NEXT))
    assert texts.POST not in buttons(copy)
    search_id = custom_ids_of(public)[texts.DELETE].rpartition(":")[2]

    told = answer(await press_crafted(world, world.ben, world.channel, custom_ids.post_id(search_id, 0)))

    assert texts.POST_NOT_YOURS in words(told)
    assert told.ephemeral


async def test_who_may_not_write_in_a_channel_cannot_have_an_answer_posted_there(world: World) -> None:
    silent = discord.PermissionOverwrite(send_messages=False)
    overwrites = {world.guild.default_role: silent}
    quiet = world.guild.create_text_channel("quiet", overwrites=overwrites)  # type: ignore[arg-type]
    await world.env.settle()
    private = answer(await world.ann.slash(quiet, "search", prompt="a fish", private=True))

    told = answer(await world.ann.click(private, label=texts.POST))

    assert texts.POST_NOT_PERMITTED in words(told)
    assert told.ephemeral


async def test_the_menu_on_a_forwarded_picture_finds_it(world: World) -> None:
    posted = await world.ben.send(world.channel, "look", attachments=[("copy.jpg", posted_copy(NAME))])
    forwarded = await world.ben.forward(posted, world.channel)

    message = answer(await world.ann.context_menu(world.channel, texts.SIMILAR_MENU, forwarded))

    assert await message.attachments[0].read() == sample_picture(NAME)


async def test_the_menu_on_a_message_without_a_picture_says_so(world: World) -> None:
    posted = await world.ben.send(world.channel, "no picture", attachments=[("notes.txt", b"words")])

    message = answer(await world.ann.context_menu(world.channel, texts.SIMILAR_MENU, posted))

    assert texts.NO_PICTURE_IN_MESSAGE in words(message)
    assert message.ephemeral


async def test_a_mention_with_a_picture_is_answered_below_it(world: World) -> None:
    attachments = [("copy.jpg", posted_copy(NAME))]
    posted = await world.ben.send(world.channel, f"{bot_mention(world)} more?", attachments=attachments)

    reply = world.channel.last_message

    assert reply is not None
    assert reply.reference is not None
    assert reply.reference.message_id == posted.id
    assert len(alts(reply)) == 9
    assert await reply.attachments[0].read() == sample_picture(NAME)


async def test_a_mention_with_several_pictures_is_answered_for_the_first_and_says_so(world: World) -> None:
    pictures = [("ant.jpg", posted_copy(NAME)), ("bat.jpg", posted_copy(OTHER))]

    await world.ben.send(world.channel, bot_mention(world), attachments=pictures)

    reply = world.channel.last_message
    assert reply is not None
    assert texts.FIRST_OF_SEVERAL in words(reply)
    assert await reply.attachments[0].read() == sample_picture(NAME)


@pytest.mark.parametrize("way", ["menu", "mention"])
async def test_the_likes_of_a_picture_that_a_message_covers_are_covered_too(world: World, way: str) -> None:
    prompt = bot_mention(world) if way == "mention" else "look"
    posted = await world.ben.send(world.channel, prompt, attachments=[("SPOILER_ant.jpg", posted_copy(NAME))])
    if way == "menu":
        reply = answer(await world.ann.context_menu(world.channel, texts.SIMILAR_MENU, posted)).message
    else:
        reply = world.channel.last_message

    assert reply is not None
    assert len(reply.attachments) == 9
    assert all(file.filename.startswith("SPOILER_") for file in reply.attachments)


async def test_a_picture_that_is_too_big_is_told_with_its_size(world: World) -> None:
    image = ("big.png", sample_picture(NAME) + bytes(MAX_BYTES))

    message = answer(await world.ann.slash(world.channel, "similar", image=image))

    assert "too big: 26 MB. At most 25 MB" in words(message)
    assert message.ephemeral


async def test_the_buttons_of_an_answer_to_a_mention_work(world: World) -> None:
    await world.ben.send(world.channel, bot_mention(world), attachments=[("copy.jpg", posted_copy(NAME))])
    reply = world.channel.last_message
    assert reply is not None

    await world.ben.click(reply, label=texts.NEXT)

    turned = world.channel.last_message
    assert turned is not None
    assert turned.id == reply.id
    assert alts(turned)[0].startswith("10. ")


async def test_a_mention_that_answers_one_of_the_bots_pictures_is_answered(world: World) -> None:
    own = answer(await world.ann.slash(world.channel, "similar", image=("copy.jpg", posted_copy(NAME))))

    await world.ben.send(world.channel, f"{bot_mention(world)} more like this", reply_to=own)

    reply = world.channel.last_message
    assert reply is not None
    assert len(alts(reply)) == 9
    assert await reply.attachments[0].read() == sample_picture(NAME)


async def test_a_mention_that_answers_somebodys_picture_is_answered_with_pictures_like_it(world: World) -> None:
    posted = await world.ann.send(world.channel, f"{bot_mention(world)}", attachments=[("c.jpg", posted_copy(NAME))])

    await world.ben.send(world.channel, f"{bot_mention(world)} again?", reply_to=posted)

    reply = world.channel.last_message
    assert reply is not None
    assert await reply.attachments[0].read() == sample_picture(NAME)


async def test_where_discord_does_not_show_the_answered_picture_the_way_out_is_told(world: World) -> None:
    posted = await world.ann.send(world.channel, "look", attachments=[("c.jpg", posted_copy(NAME))])

    await world.ben.send(world.channel, f"{bot_mention(world)} again?", reply_to=posted)

    reply = world.channel.last_message
    assert reply is not None
    assert texts.REPLIED_TO_UNSEEN in words(reply)


async def test_a_mention_without_a_picture_is_told_what_to_do(world: World) -> None:
    await world.ben.send(world.channel, f"hello {bot_mention(world)}")

    reply = world.channel.last_message

    assert reply is not None
    assert texts.MENTION_WITHOUT_PICTURE in words(reply)


async def test_a_mention_with_a_bad_picture_is_told_what_is_wrong(world: World) -> None:
    await world.ben.send(world.channel, bot_mention(world), attachments=[("x.png", b"not a picture at all")])

    reply = world.channel.last_message

    assert reply is not None
    assert "no picture that can be read" in words(reply)


@pytest.mark.parametrize("said", ["look at this", "@Vignette", "@everyone"])
async def test_a_picture_without_the_bots_mention_is_left_alone(world: World, said: str) -> None:
    posted = await world.ben.send(world.channel, said, attachments=[("copy.jpg", posted_copy(NAME))])

    assert world.channel.last_message is not None
    assert world.channel.last_message.id == posted.id


async def test_somebody_who_talks_about_an_answer_is_left_alone(world: World) -> None:
    own = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    said = await world.ben.send(world.channel, "how lovely", reply_to=own)

    assert world.channel.last_message is not None
    assert world.channel.last_message.id == said.id


async def test_another_bots_mention_is_left_alone(world: World) -> None:
    other = world.guild.add_member(world.env.create_user("other", bot=True))
    posted = await other.send(world.channel, bot_mention(world), attachments=[("copy.jpg", posted_copy(NAME))])

    assert world.channel.last_message is not None
    assert world.channel.last_message.id == posted.id
