"""Starts a user's notebook server as a pod, as JupyterHub asks for it.

What is made, what events mean and how a failure reads is decided elsewhere; this
class translates between them, KubeSpawner (watch, state, stop) and JupyterHub.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from aiohttp import ClientError
from kubernetes_asyncio.client import ApiException
from kubespawner import KubeSpawner
from kubespawner.clients import load_config, shared_client
from kubespawner.slugs import safe_slug
from kubespawner.spawner import PodReflector
from typing_extensions import override

from cygnet_hub.kubernetes import (
    allowance,
    event,
    failure,
    namespace,
    namespace_note,
    pod,
    rejection,
)
from cygnet_hub.kubernetes.api import TAKEN, KubernetesApi
from cygnet_hub.kubernetes.choice import PodChoice
from cygnet_hub.kubernetes.errors import KubernetesError, OutageError
from cygnet_hub.kubernetes.event import Event
from cygnet_hub.kubernetes.failure import Observation
from cygnet_hub.kubernetes.form import PodFormSpawner
from cygnet_hub.kubernetes.manifest import Manifest, UserNamespace, get
from cygnet_hub.kubernetes.orphan import selector
from cygnet_hub.kubernetes.provision import prepare
from cygnet_hub.spawn.errors import StartFailure
from cygnet_hub.spawn.failure import Failure
from cygnet_hub.spawn.reporting_spawner import answers

LONGEST_NAME = 63
"""Kubernetes' limit for the name of a namespace, and for a label."""
LONGEST_USER = 48
"""As much of it as a user's name gets."""
ANSWER = timedelta(seconds=2)
"""How long one answer may take."""
PATIENCE = (15, 30, 60, 120, 240)
"""After so many seconds of waiting the page says that it still waits."""
_LOOK_SECONDS = 0.3
_EVENT_SECONDS = 1.5
LOST = (ApiException, ClientError, OSError, TimeoutError)
"""What kubernetes_asyncio raises when the API refuses or is away."""
_watch_lock = asyncio.Lock()


def connect() -> KubernetesApi:
    """Share the spawners' connection to Kubernetes.

    Returns
    -------
    KubernetesApi
        With the hub's own credentials.
    """
    load_config()
    return KubernetesApi(shared_client("CoreV1Api").api_client)


class PodSpawner(PodFormSpawner, KubeSpawner):
    """The notebook server of a user on Kubernetes."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.namespace = self._namespace()
        self.kubernetes = connect()

    def _namespace(self) -> str:
        """Return the user's namespace, short enough whatever the names are."""
        start = f"{self.settings.release.name}-user-"
        room = min(LONGEST_USER, LONGEST_NAME - len(start))
        return start + str(safe_slug(self.user.name, max_length=room))

    @property
    def owner(self) -> UserNamespace:
        """Whose objects are made."""
        user = str(safe_slug(self.user.name, max_length=LONGEST_USER))
        return UserNamespace(
            self.settings.release, user, self.namespace, self.user.name
        )

    @property
    def known_pod(self) -> Manifest | None:
        """The pod as it was seen last; ``None`` when there is none."""
        watch = self.pod_reflector
        found = watch.pods.get(f"{self.namespace}/{self.pod_name}") if watch else None
        return dict(found) if found else None

    def _pod_request(self, chosen: PodChoice) -> pod.PodRequest:
        """Say what is to be started."""
        server = safe_slug(self.name, max_length=LONGEST_USER) if self.name else ""
        return pod.PodRequest(
            owner=self.owner,
            name=self.pod_name,
            server=str(server),
            choice=chosen,
            environment=self.get_env(),
            start=self.own,
        )

    @override
    async def _start(self) -> str:
        """Start the server and wait until it answers or has failed."""
        self.begin()
        try:
            return await self._launch()
        except KubernetesError as error:
            self.failure = rejection.of_refusal(error.message)
        except OutageError as error:
            self.failure = rejection.of_outage(error.detail)
        except StartFailure as error:
            self.failure = error.why
        self.log.warning("Server not started reason=%s", self.failure.reason)
        raise StartFailure(self.failure) from None

    async def _launch(self) -> str:
        """Make namespace, home and pod; return where the server answers."""
        if self.chosen is None:
            raise StartFailure(Failure("Nothing was chosen.", "Use the start page."))
        request = self._pod_request(self.chosen)
        self.say(5, "Preparing your namespace…")
        allowed = allowance.allow(self.settings, self.groups)
        await prepare(self.kubernetes, request.owner, self.settings, allowed)
        await self._start_watching_pods()
        # A hub that is killed from now on finds the pod when it is back.
        self.orm_spawner.state = self.get_state()
        self.user.db.commit()
        self.say(10, "Asking Kubernetes for your server…")
        made = await self._create(request)
        release = self.settings.release
        await namespace_note.write(self.kubernetes, release, self.namespace, allowed)
        await self.kubernetes.apply(
            pod.service(request, str(get(made, "metadata", "uid")))
        )
        self.log.info("Pod made namespace=%s name=%s", self.namespace, self.pod_name)
        url = await self._await_answer(made)
        self.say(95, "Connecting the browser with it…")
        return url

    async def _create(self, request: pod.PodRequest) -> Manifest:
        """Make the pod, once a former one of that name has gone."""
        manifest = pod.build(request, self.settings)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.k8s_api_request_retry_timeout
        while True:
            try:
                return await self.kubernetes.create(manifest)
            except KubernetesError as error:
                if error.status != TAKEN or loop.time() > deadline:
                    raise
            self.say(10, "Waiting until your former server has gone…")
            await self.kubernetes.delete_pod(self.namespace, self.pod_name)
            await asyncio.sleep(1)

    async def _await_answer(self, made: Manifest) -> str:
        """Wait until the server answers; fail as soon as it no longer can."""
        loop = asyncio.get_running_loop()
        begun, looked, patience = loop.time(), 0.0, list(PATIENCE)
        uid, seen = str(get(made, "metadata", "uid")), Observation(made)
        while True:
            current = self._current(uid, seen)
            waited = loop.time() - begun
            if loop.time() - looked > _EVENT_SECONDS:
                looked = loop.time()
                seen = await self._observe(current, uid)
            if why := failure.final(Observation(current, seen.events, seen.log)):
                # The log comes a moment after the end.
                last = await self._observe(current, uid)
                raise StartFailure(failure.final(last) or why)
            url = self._url(current)
            if url:
                # Servers answer soon, perhaps before the events are read again.
                self.say(event.STARTED.progress, event.STARTED.message)
                if await answers(f"{url}{self.server.base_url}", ANSWER):
                    return url
            if waited > self.settings.start_seconds:
                last = await self._observe(current, uid)
                limit = timedelta(seconds=self.settings.start_seconds)
                raise StartFailure(failure.of_time(limit, last))
            if patience and waited > patience[0]:
                self.say(0, f"Still waiting after {patience.pop(0)} seconds…")
            await asyncio.sleep(_LOOK_SECONDS)

    def _current(self, uid: str, seen: Observation) -> Mapping[str, object]:
        """Return the pod as the watch has it; one of the same name is another."""
        current = self.known_pod
        if current is not None and get(current, "metadata", "uid") == uid:
            return current
        # The watch may be behind the answer that made the pod, but never loses one;
        # without a watch nothing is known of its end.
        if self.pod_reflector is None or get(seen.pod, "status", "hostIP") is None:
            return seen.pod
        deleted = {"metadata": {"deletionTimestamp": "now"}}
        return {**seen.pod, **deleted}

    async def _observe(self, current: Mapping[str, object], uid: str) -> Observation:
        """Read what there is to know, and show the news on the waiting page."""
        try:
            await self._start_watching_pods()
            listed = await self.kubernetes.events(self.namespace)
            home = namespace.home(self.owner, self.settings)
            claim = await self.kubernetes.find(home) or {}
        except (KubernetesError, OutageError):
            return Observation(current)
        is_bound = get(claim, "status", "phase") == "Bound"
        about = {uid} if is_bound else {uid, str(get(claim, "metadata", "uid"))}
        events = tuple(it for it in listed if it.uid in about)
        for step in event.steps(events):
            self.say(step.progress, step.message)
        ended = failure.terminated(current) is not None
        is_late = get(current, "status", "phase") == "Running"
        has_log = ended or is_late
        log = (
            await self.kubernetes.log(self.namespace, self.pod_name) if has_log else ""
        )
        return Observation(current, events, log)

    def _url(self, current: Mapping[str, object]) -> str:
        """Return where the pod's server is; empty while it runs nowhere."""
        status = get(current, "status")
        if get(current, "status", "phase") != "Running" or status is None:
            return ""
        return (
            str(self._get_pod_url(current)) if get(current, "status", "podIP") else ""
        )

    @override
    async def poll(self) -> int | None:
        """Return whether the server runs, and note an end without a request to stop."""
        code = await self._look()
        if code is None and self.pending == "check":
            code = await self._adopt()
        return code

    async def _look(self) -> int | None:
        """Return whether there is a pod that has not ended."""
        try:
            await self._start_watching_pods()
            seen = self.known_pod
            if self.pending in {None, "check"} and failure.is_ending(seen):
                return None
            # The base class deletes an ended pod, with all that it could show.
            code: int | None = await super().poll()
        except (OutageError, *LOST) as error:
            # What cannot be seen is not gone: its kernels may be running.
            self.log.warning("Pods cannot be seen reason=%s", error)
            return None
        if code is not None and self.server and self.pending in {None, "check"}:
            # JupyterHub 6.1 asks again, when the ended pod has been deleted.
            self.ending = self.ending or failure.ending(seen, await self._events())
            self.log.warning("Server ended unasked code=%s why=%s", code, self.ending)
        return code

    async def _events(self) -> tuple[Event, ...]:
        """Read what Kubernetes says, if it answers."""
        try:
            return await self.kubernetes.events(self.namespace)
        except (KubernetesError, OutageError):
            return ()

    async def _adopt(self) -> int | None:
        """Wait for a server that another hub has started, perhaps not quite.

        Notes
        -----
        JupyterHub 6.1 looks once for each server that it had, and one that cannot be
        found in that moment is neither started nor stopped from then on.
        """
        while not await answers(await self.get_url(), ANSWER):
            if (found := self.known_pod) is not None:
                return await self._await_start(found)
            await asyncio.sleep(_EVENT_SECONDS)
            if (code := await self._look()) is not None:
                return code
        return None

    async def _await_start(self, found: Manifest) -> int | None:
        """Wait for the end of a start; why it failed is kept for the pages."""
        try:
            await self._await_answer(found)
        except StartFailure as error:
            self.ending = f"{error.why.reason} {error.why.remedy}"
            self.log.warning("Server not started reason=%s", error.why.reason)
            return 1
        return None

    def _place(self) -> str:
        """Return where the server is, or was when it was seen last."""
        return self._url(self.known_pod or {}) or str(self.server.host)

    @override
    async def get_url(self) -> str:
        """Return where the server is that another hub started."""
        return f"{self._place()}{self.server.base_url}"

    @override
    async def _start_watching_pods(self, replace: bool = False) -> PodReflector:
        """Watch this service's servers in all namespaces.

        Notes
        -----
        KubeSpawner 7.1 ends the whole hub when the watch fails. Here the next poll
        starts another one, and until then every server counts as running.
        """
        async with _watch_lock:
            key = self._get_reflector_key("pods")
            watch = self.reflectors.get(key)
            if watch is not None and not replace:
                return watch
            labels = dict(
                it.split("=") for it in selector(self.settings.release).split(",")
            )
            new = PodReflector(
                parent=self,
                namespace=self.namespace,
                labels=labels,
                omit_namespace=True,
                on_failure=partial(self.reflectors.pop, key, None),
            )
            try:
                await new.start()
            except (*LOST, UnboundLocalError) as error:
                # KubeSpawner 7.1 stumbles over its own message of a refusal. Its first
                # load has a record of the failure too, which is taken here.
                new.first_load_future.exception()
                raise OutageError(str(error) or type(error).__name__) from None
            self.reflectors[key] = new
            if watch is not None:
                await watch.stop()
            return new
