"""What the service answers, by its paths."""

from tornado.web import RequestHandler

from cygnet_share import admin_call, compare_call, health, pages
from cygnet_share.call import Call, Service
from cygnet_share.chunk_call import ChunkCall, MissingCall, ReadCall
from cygnet_share.events_call import EventsCall
from cygnet_share.grant_call import GrantsCall
from cygnet_share.people_call import MeCall, PeopleCall
from cygnet_share.presence_call import PresenceCall
from cygnet_share.share_call import ShareCall, SharesCall
from cygnet_share.snapshot_call import RestoreCall, SnapshotsCall, TreeCall
from cygnet_share.viewer.viewer import Viewer
from cygnet_share.working_copy_call import CopiesCall


def routes(
    prefix: str, service: Service
) -> list[tuple[str, type[Call], dict[str, object]]]:
    """Give the calls by their paths.

    Parameters
    ----------
    prefix
        Where the proxy has the service, with a slash at its end.
    service
        What the calls share.
    """
    one = r"shares/(\d{1,18})"
    sha256 = r"([0-9a-f]{64})"
    calls: dict[str, type[Call]] = {
        "me": MeCall,
        "people": PeopleCall,
        "shares": SharesCall,
        one: ShareCall,
        rf"{one}/grants": GrantsCall,
        rf"{one}/presence": PresenceCall,
        rf"{one}/missing": MissingCall,
        rf"{one}/chunks/{sha256}": ChunkCall,
        rf"{one}/snapshots": SnapshotsCall,
        rf"{one}/restore": RestoreCall,
        rf"{one}/snapshots/(\d{{1,9}})": TreeCall,
        rf"{one}/snapshots/(\d{{1,9}})/chunks/{sha256}": ReadCall,
        "working-copies": CopiesCall,
        "events": EventsCall,
    }
    return [
        (f"{prefix}api/{path}", call, {"service": service})
        for path, call in calls.items()
    ]


def all_routes(
    prefix: str, service: Service, administration: Service, viewer: Viewer
) -> list[tuple[str, type[RequestHandler], dict[str, object]]]:
    """Give all that the service answers: calls and pages.

    Parameters
    ----------
    prefix
        Where the proxy has the service, with a slash at its end.
    service
        What the calls share.
    administration
        As `service`, where `identify` gives administrators alone.
    viewer
        Renders.
    """
    return [
        *routes(prefix, service),
        *compare_call.routes(prefix, service, viewer),
        *admin_call.routes(prefix, administration),
        *pages.routes(prefix, service, viewer),
        *health.routes(prefix),
    ]
