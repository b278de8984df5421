"""The calls of the panel by their paths."""

from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from cygnet_lab.share.call import SETTING, PanelCall
from cygnet_lab.share.call_folder import (
    AnswerCall,
    CloneCall,
    DismissCall,
    FoldersCall,
    OpenCall,
    OriginCall,
    ResolveCall,
)
from cygnet_lab.share.call_merge import MergeCall
from cygnet_lab.share.call_saving import SavingCall
from cygnet_lab.share.call_share import GrantsCall, PeopleCall, ShareCall, SharesCall
from cygnet_lab.share.call_state import PresenceCall, StateCall
from cygnet_lab.share.call_version import (
    CompareCall,
    RestoreCall,
    VersionCall,
    VersionsCall,
)
from cygnet_lab.share.sharing import Sharing

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerWebApplication

_ONE = r"shares/(\d{1,18})"

CALLS: dict[str, type[PanelCall]] = {
    "state": StateCall,
    "presence": PresenceCall,
    "people": PeopleCall,
    "shares": SharesCall,
    _ONE: ShareCall,
    rf"{_ONE}/grants": GrantsCall,
    rf"{_ONE}/open": OpenCall,
    rf"{_ONE}/clone": CloneCall,
    rf"{_ONE}/versions": VersionsCall,
    rf"{_ONE}/versions/(\d{{1,9}})": VersionCall,
    rf"{_ONE}/restore": RestoreCall,
    rf"{_ONE}/compare": CompareCall,
    "folders": FoldersCall,
    "folders/answer": AnswerCall,
    "folders/resolve": ResolveCall,
    "folders/dismiss": DismissCall,
    "origin": OriginCall,
    "merge": MergeCall,
    "saving": SavingCall,
}
"""Path to call, below `cygnet/share/` of the notebook server."""


def register(web_app: "ServerWebApplication", sharing: Sharing) -> None:
    """Let a notebook server take the calls of the panel.

    Parameters
    ----------
    web_app
        The server's application.
    sharing
        The folders of its user.
    """
    web_app.settings[SETTING] = sharing
    base = web_app.settings["base_url"]
    handlers = [
        (url_path_join(base, "cygnet/share", path), call)
        for path, call in CALLS.items()
    ]
    web_app.add_handlers(".*$", handlers)  # type: ignore[no-untyped-call]
