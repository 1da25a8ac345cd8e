"""Where pictures come from: a source is listed first, and no picture is read until the build asks for it.

One module lists one kind of source; `opening` picks it. To add a kind: a module with a function that takes what
SOURCE names and `Options` and returns a `Source`, and a line in `opening`.

    opening    which kind SOURCE is
    folder     a folder, nested or not          \\
    zips, tars an archive                        } `files`: file names, labels, metadata files
    download   an archive or table by URL       /
    stored     Parquet and Arrow on disk        \\ `tables`: rows of a data set
    hub        a data set on the Hub            /
"""

from search_core.sources.opening import open_source as open_source
from search_core.sources.source import Source as Source
from search_core.sources.source import SourceRow as SourceRow

__all__ = ["Source", "SourceRow", "open_source"]
