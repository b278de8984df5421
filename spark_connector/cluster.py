"""The kinds of cluster that a bundle may name, and what each sets.

Pure: the hub reads it to offer clusters. `local` is Spark on this machine, in one Java
process, with every port on loopback; `kubernetes` has executors in pods next to the
notebook's pod, and the module `kubernetes` has their settings.
"""

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from spark_connector.capacity import Capacity
from spark_connector.size import format_size, parse_size, spoken_size
from spark_connector.text import counted

LOOPBACK = "127.0.0.1"


class LocalCluster(BaseModel):
    """Spark on this machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["local"] = Field(description="The kind of cluster.")
    cores: int | Literal["all"] = Field(
        default="all", description="How many tasks run at once; `all` cores."
    )
    memory: str = Field(
        default="1g", description="Heap of Spark's Java process, e.g. `1g`."
    )

    @field_validator("cores")
    @classmethod
    def _some_cores(cls, cores: int | Literal["all"]) -> int | Literal["all"]:
        if cores != "all" and cores < 1:
            message = "cores must be at least 1"
            raise ValueError(message)
        return cores

    @field_validator("memory")
    @classmethod
    def _a_size(cls, memory: str) -> str:
        parse_size(memory)
        return memory


class Range(BaseModel):
    """Bounds for the number of executors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min: int = Field(default=0, ge=0, description="Kept also while nothing runs.")
    max: int = Field(ge=1, description="The most at once.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            message = "min must not be more than max"
            raise ValueError(message)
        return self


class KubernetesCluster(BaseModel):
    """Spark with executors in pods next to the notebook's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["kubernetes"] = Field(description="The kind of cluster.")
    executors: int | Range | Literal["all"] = Field(
        default="all",
        description="The most executors at once, or `min` and `max`; `all` that the "
        "start form allows.",
    )
    cores: int | None = Field(
        default=None, ge=1, description="Cores of each executor; the form's if unset."
    )
    memory: str | None = Field(
        default=None, description="Heap of each executor; the form's if unset."
    )

    @field_validator("executors")
    @classmethod
    def _some(cls, executors: int | Range | str) -> int | Range | str:
        if isinstance(executors, int) and executors < 1:
            message = "executors must be at least 1"
            raise ValueError(message)
        return executors

    @field_validator("memory")
    @classmethod
    def _a_size(cls, memory: str | None) -> str | None:
        if memory is not None:
            parse_size(memory)
        return memory


@dataclass(frozen=True, slots=True)
class Plan:
    """A cluster made concrete for one machine."""

    master: str
    memory: str
    notices: tuple[str, ...]
    """Sentences about what was reduced."""


def plan_local(cluster: LocalCluster, memory: str, capacity: Capacity) -> Plan:
    """Return master and memory within the limits of the machine and the form.

    `memory` is the heap after merging; an option may differ from the bundle. Memory
    beyond the machine is for `checks` to refuse.
    """
    notices: list[str] = []
    wanted = capacity.cores if cluster.cores == "all" else cluster.cores
    cores = min(wanted, capacity.cores)
    if cores < wanted:
        notices.append(
            f"This machine has {counted(cores, 'core')}; {wanted} were asked for."
        )
    if capacity.cores_limit is not None and capacity.cores_limit < cores:
        cores = capacity.cores_limit
        notices.append(f"The start form limits Spark to {counted(cores, 'core')}.")
    limit = capacity.memory_limit
    if limit is not None and parse_size(limit) < parse_size(memory):
        memory = format_size(parse_size(limit))
        notices.append(f"The start form limits Spark's memory to {spoken_size(limit)}.")
    return Plan(f"local[{cores}]", memory, tuple(notices))
