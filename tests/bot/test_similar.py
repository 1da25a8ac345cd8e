"""`/similar`, the message menu and the mention, acted by members of the server."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot import texts
from tests.bot.conftest import World
from tests.bot.reading import alts, answer, posted_copy, sample_picture, words

NAME = "animals/ant_01.jpg"


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
    assert "(error " in words(message)
    assert len(alts(after)) == 9


async def test_the_menu_answers_in_private_with_pictures_like_the_messages_own(world: World) -> None:
    posted = await world.ben.send(world.channel, "look", attachments=[("copy.jpg", posted_copy(NAME))])

    message = answer(await world.ann.context_menu(world.channel, texts.SIMILAR_MENU, posted))

    assert message.ephemeral
    assert await message.attachments[0].read() == sample_picture(NAME)
    assert texts.SIMILAR_TO_MESSAGE in words(message)


async def test_the_menu_on_one_of_the_bots_own_answers_takes_its_first_picture(world: World) -> None:
    own = answer(await world.ann.slash(world.channel, "similar", image=("copy.jpg", posted_copy(NAME))))

    message = answer(await world.ben.context_menu(world.channel, texts.SIMILAR_MENU, own.message))

    assert await message.attachments[0].read() == sample_picture(NAME)
    assert texts.FIRST_OF_SEVERAL in words(message)


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


async def test_the_buttons_of_an_answer_to_a_mention_work(world: World) -> None:
    await world.ben.send(world.channel, bot_mention(world), attachments=[("copy.jpg", posted_copy(NAME))])
    reply = world.channel.last_message
    assert reply is not None

    await world.ben.click(reply, label=texts.NEXT)

    turned = world.channel.last_message
    assert turned is not None
    assert turned.id == reply.id
    assert alts(turned)[0].startswith("10. ")


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
