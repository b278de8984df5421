"""The tables of the sharing service, in a database of its own.

Times are whole microseconds since 1970 in UTC, by the service's clock alone.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

_SHA256 = String(64)
# SQLite counts a primary key up by itself only when it is an INTEGER.
_ID = BigInteger().with_variant(Integer, "sqlite")
# With `sqlite_autoincrement` it gives the number of a removed row to no other row.

# One row: which database this is, also after it was copied to another place.
identity = Table(
    "identity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", String(36), nullable=False),
    # Another one since each restoration: numbers of versions are given again.
    Column("generation", String(36), nullable=False),
    # The time that upkeep has gone by, or None before the first.
    Column("upkept_at", BigInteger),
)

person = Table(
    "person",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("created", String(64), nullable=False),
    # When the account has gone from the hub, or None.
    Column("gone_at", BigInteger),
    UniqueConstraint("name", "created"),
    sqlite_autoincrement=True,
)

chunk = Table(
    "chunk",
    metadata,
    Column("sha256", _SHA256, primary_key=True),
    Column("size", Integer, nullable=False),
    # Whether its bytes were found to be missing or damaged.
    Column("is_lost", Boolean, nullable=False, default=False),
    # Since when nothing refers to it, or None.
    Column("condemned_at", BigInteger),
)

# Who has sent a chunk, and so may name it in a folder of their own.
possession = Table(
    "possession",
    metadata,
    Column("person", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("sha256", ForeignKey("chunk.sha256"), primary_key=True),
)

# A folder's record (`tree.records`).
folder = Table(
    "folder",
    metadata,
    Column("sha256", _SHA256, primary_key=True),
    Column("record", LargeBinary, nullable=False),
    # As for a chunk.
    Column("condemned_at", BigInteger),
)

share = Table(
    "share",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner", ForeignKey("person.id"), nullable=False, index=True),
    Column("title", String(255), nullable=False),
    # The newest snapshot's `seq`; 0 before there is one.
    Column("head", Integer, nullable=False, default=0),
    Column("max_bytes", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("ended_at", BigInteger),
    sqlite_autoincrement=True,
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("share", ForeignKey("share.id", ondelete="CASCADE"), primary_key=True),
    # 1, 2, 3, … within the share.
    Column("seq", Integer, primary_key=True),
    Column("root", ForeignKey("folder.sha256"), nullable=False),
    Column("published_by", ForeignKey("person.id"), nullable=False),
    # Never smaller than that of the snapshot before.
    Column("published_at", BigInteger, nullable=False),
    Column("files", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("note", Text, nullable=False, default=""),
    # A version that has a name is pinned: it is kept for as long as its share.
    Column("is_pinned", Boolean, nullable=False, default=False),
    Column("name", String(255), nullable=False, default=""),
)

# The chunks that the snapshots of a share name; they count against its owner's quota.
need = Table(
    "need",
    metadata,
    Column("share", ForeignKey("share.id", ondelete="CASCADE"), primary_key=True),
    Column("sha256", ForeignKey("chunk.sha256"), primary_key=True),
    Index("need_sha256", "sha256"),
)

grant = Table(
    "grant",
    metadata,
    Column("share", ForeignKey("share.id", ondelete="CASCADE"), primary_key=True),
    Column("audience", String(16), primary_key=True),
    Column("principal", String(255), primary_key=True),
    Column("right", Integer, nullable=False),
    Column("expires_at", BigInteger),
    Column("granted_by", ForeignKey("person.id"), nullable=False),
    Column("granted_at", BigInteger, nullable=False),
)

# Where a person works with a share; kept here, so that `rm -rf` cannot lose its base.
working_copy = Table(
    "working_copy",
    metadata,
    Column("person", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("share", ForeignKey("share.id", ondelete="CASCADE"), primary_key=True),
    Column("place", String(512), primary_key=True),
    Column("base", Integer, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

# What long polls wait for.
event = Table(
    "event",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("share", ForeignKey("share.id", ondelete="CASCADE"), nullable=False),
    # `publish`, or what changes who may see it.
    Column("act", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    # Whom it is news for, as in a grant; None for all who have a right.
    Column("audience", String(16)),
    Column("principal", String(255)),
    sqlite_autoincrement=True,
)

# Who did what to what: kept for as long as the operator says.
audit = Table(
    "audit",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("act", String(32), nullable=False),
    Column("share", BigInteger),
    Column("detail", Text, nullable=False, default=""),
    Index("audit_at", "at"),
    sqlite_autoincrement=True,
)
