"""What crosses between Python and Java, by every way that Spark has: code that prints.

Each piece runs in a cell of its own, in a session whose storage is encrypted and in one
whose is not, and must print the same.
"""

PREPARE = """
import time
import numpy, pandas, pyarrow
from pyspark.sql import Row, functions as F
from pyspark.sql.functions import broadcast, col, pandas_udf, udf, udtf
# Each of 200 parts of a stream's state would be a task.
spark.conf.set("spark.sql.shuffle.partitions", 4)
LARGE = "x" * 1_000_000
one = sc.parallelize([1], 1)
many = sc.parallelize(range(1000), 4)
texts = ["text %d" % i for i in range(20_000)]
numbers = numpy.arange(20_000)
table = pandas.DataFrame({"i": numbers, "f": numbers / 7, "s": texts})
def tell(call):
    try: print(call())
    except Exception as error: print(type(error).__name__)
"""

BROADCASTS = {
    "text": "LARGE",
    "bytes": "b'x' * 5_000_000",
    "bytearray": "bytearray(b'x' * 1_000_000)",
    "nothing": "None",
    "small": "[1, 2, 3]",
    "numbers": "list(range(200_000))",
    "nested": "{str(i): [i, {'a': (i, None)}] for i in range(20_000)}",
    "array": "numpy.arange(300_000).reshape(300, 1000)",
    "fortran": "numpy.asfortranarray(numpy.arange(300_000).reshape(300, 1000))",
    "frame": "table",
    "arrow": "pyarrow.Table.from_pandas(table)",
    "rows": "[Row(a=i, b=LARGE[:10]) for i in range(20_000)]",
}

LOOK = """
import hashlib
def look(it):
    for name in ("to_pandas", "to_csv", "tolist", "__call__"):
        if hasattr(it, name): it = it(1) if name == "__call__" else getattr(it, name)()
    return type(it).__name__, hashlib.sha256(repr(it).encode()).hexdigest()
def check(value):
    shared = sc.broadcast(value)
    print(look(value))
    print(one.map(lambda _: look(shared.value)).collect())
    print(look(shared.value), look(shared.value), shared.value is shared.value)
"""

WAYS = {
    "broadcast-changed": """
shared = sc.broadcast([1]); shared.value.append(2); print(shared.value)
""",
    "broadcast-several": """
several = [sc.broadcast(LARGE + str(i)) for i in range(4)]
ends = lambda them: one.map(lambda _: [it.value[-1] for it in them]).collect()
print(ends(several))
several[0].unpersist(blocking=True)
print(ends(several), several[0].value[-1])
several[1].destroy(blocking=True)
print(ends(several[2:]))
""",
    "broadcast-in-functions": """
shared = sc.broadcast({i: LARGE[:i] for i in range(100)})
def size(i): return len(shared.value[i])
plain = udf(size, "int")
vector = pandas_udf(lambda s: s.map(size), "int")
frame = spark.range(100)
print(frame.select(F.sum(plain("id")), F.sum(vector("id"))).collect())
def parts(batches):
    for batch in batches: yield batch.assign(n=batch.id.map(size))
print(frame.mapInPandas(parts, "id long, n int").agg(F.sum("n")).collect())
""",
    "broadcast-of-nonsense": """
tell(lambda: sc.broadcast(sc)); print(sc.broadcast(1).value)
""",
    "broadcast-join": """
print(spark.range(1000).join(broadcast(spark.range(500)), 'id').count())
""",
    "closure": "print(many.map(lambda i: len(LARGE) + i).sum())",
    "closure-of-megabytes": """
own = bytes(3_000_000)
print(many.map(lambda i: len(own) + i).sum())
size = udf(lambda i: len(own), "int")
print(spark.range(3).select(size("id")).collect())
""",
    "accumulators": """
from pyspark.accumulators import AccumulatorParam
class Longest(AccumulatorParam):
    def zero(self, value): return ""
    def addInPlace(self, a, b): return max(a, b, key=len)
count, longest = sc.accumulator(0), sc.accumulator("", Longest())
def note(i):
    count.add(i); longest.add(LARGE[:i * 500])
many.foreach(note); print(count.value, len(longest.value))
""",
    "parallelize": """
print(sc.parallelize([LARGE + str(i) for i in range(12)], 3).map(len).collect())
print(sc.parallelize([], 3).collect())
print(sc.parallelize((i for i in range(9)), 20).glom().collect())
tell(lambda: sc.parallelize([sc], 1).count())
print(sc.parallelize([numpy.arange(3)], 1).map(sum).collect())
""",
    "collect": """
print(sum(map(len, sc.parallelize(range(12), 3).map(lambda i: LARGE).collect())))
print(many.take(3), many.top(2), many.takeSample(False, 3, 1), many.first())
""",
    "iterators": """
print(sum(many.toLocalIterator()), sum(many.toLocalIterator(prefetchPartitions=True)))
part = many.toLocalIterator(); print(next(part)); del part
frame = spark.range(10_000).repartition(3)
print(sum(it.id for it in frame.toLocalIterator()))
print(next(frame.orderBy("id").toLocalIterator()))
def broken(i): raise ValueError(i)
tell(lambda: list(many.map(broken).toLocalIterator()))
""",
    "frames-in": """
for arrow in ("true", "false"):
    spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", arrow)
    frame = spark.createDataFrame(table)
    print(frame.dtypes, frame.agg(F.sum("i"), F.sum("f"), F.max("s")).collect())
spark.conf.unset("spark.sql.execution.arrow.pyspark.enabled")
frame = spark.createDataFrame([Row(a=i, b=LARGE[:1000]) for i in range(5000)])
print(frame.agg(F.sum("a"), F.sum(F.length("b"))).collect())
frame = spark.createDataFrame(pyarrow.Table.from_pandas(table))
print(frame.agg(F.sum("i"), F.max("s")).collect())
print(spark.createDataFrame(table.head(0), "i int, f double, s string").count())
""",
    "frames-out": """
columns = ("id", "id / 7 f", "concat('text ', id) s", "array(id, 1) a")
frame = spark.range(50_000).selectExpr(*columns)
for arrow in ("true", "false"):
    spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", arrow)
    out = frame.toPandas(); print(len(out), out.f.sum(), out.s.max(), list(out.a[3]))
spark.conf.unset("spark.sql.execution.arrow.pyspark.enabled")
print(frame.toArrow().num_rows, len(frame.collect()), frame.tail(1), len(frame.head(3)))
""",
    "functions": """
frame = spark.range(2000).selectExpr("id", "id % 7 k", "cast(id as double) v")
for arrow in (False, True):
    more = udf(lambda i: i + 1, "long", useArrow=arrow)
    print(frame.select(F.sum(more("id"))).collect())
left, right = frame.groupBy("k"), frame.limit(100).groupBy("k")
print(left.applyInPandas(lambda p: p.head(1), frame.schema).orderBy("k").collect())
@pandas_udf("double")
def total(v: pandas.Series) -> float: return float(v.sum())
print(left.agg(total("v")).orderBy("k").collect())
joined = left.cogroup(right).applyInPandas(lambda a, b: a.head(len(b)), frame.schema)
print(joined.count(), frame.mapInArrow(lambda it: it, frame.schema).count())
""",
    "table-functions": """
from pyspark.sql.udtf import AnalyzeResult
from pyspark.sql.types import IntegerType, StructType
shared = sc.broadcast(LARGE)
@udtf(returnType="n int, size int")
class Plain:
    def eval(self, n):
        for i in range(n): yield i, len(shared.value)
class Analyzed:
    @staticmethod
    def analyze(n):
        kind = IntegerType()
        return AnalyzeResult(StructType().add("n", kind).add("size", kind))
    def eval(self, n):
        for i in range(n): yield i, len(shared.value)
print(Plain(F.lit(2)).collect(), udtf(Analyzed)(F.lit(2)).collect())
spark.udtf.register("analyzed", udtf(Analyzed))
print(spark.sql("select * from analyzed(3)").collect())
""",
    "streams": """
shared, sizes = sc.broadcast(LARGE), []
spark.createDataFrame(table.head(100)).write.mode("overwrite").parquet("stream-in")
source = spark.readStream.schema("i long, f double, s string").parquet("stream-in")
size = udf(lambda s: len(shared.value), "int")
def note(frame, number):
    sizes.append((frame.count(), len(frame.toPandas()), len(shared.value)))
query = source.withColumn("n", size("s")).writeStream.foreachBatch(note)
query = query.trigger(availableNow=True).start(); query.awaitTermination(60)
print(sizes, query.exception())
def count(key, frames, state):
    n = (state.get[0] if state.exists else 0) + sum(map(len, frames))
    state.update((n,))
    yield pandas.DataFrame({"k": [key[0]], "n": [n]})
grouped = source.selectExpr("i % 3 k").groupBy("k")
shapes = ("k long, n long", "n long", "update", "NoTimeout")
counted = grouped.applyInPandasWithState(count, *shapes)
writer = counted.writeStream.format("memory").queryName("counted")
query = writer.outputMode("update")
query = query.trigger(availableNow=True).start(); query.awaitTermination(60)
print(spark.table("counted").orderBy("k").collect(), query.exception())
""",
    "data-sources": """
from pyspark.sql.datasource import (
    DataSource, DataSourceReader, DataSourceWriter, InputPartition,
    SimpleDataSourceStreamReader, WriterCommitMessage)
class Numbers(DataSource):
    @classmethod
    def name(cls): return "numbers"
    def schema(self): return "i long, s string"
    def reader(self, schema): return NumbersReader()
    def simpleStreamReader(self, schema): return NumbersStream()
    def writer(self, schema, overwrite): return NumbersWriter(self.options["to"])
class NumbersReader(DataSourceReader):
    def partitions(self): return [InputPartition(it) for it in (0, 10)]
    def read(self, partition):
        for i in range(3): yield partition.value + i, LARGE
class NumbersStream(SimpleDataSourceStreamReader):
    def initialOffset(self): return {"i": 0}
    def read(self, start):
        if start["i"] >= 2: return iter([]), start
        return iter([(start["i"], LARGE)]), {"i": start["i"] + 1}
    def readBetweenOffsets(self, start, end): return iter([(start["i"], LARGE)])
class NumbersWriter(DataSourceWriter):
    def __init__(self, to): self.to = to
    def write(self, rows): return Wrote(sum(len(it.s) for it in rows))
    def commit(self, messages):
        size = sum(it.size for it in messages)
        with open(self.to, "w") as file: print(size, file=file)
class Wrote(WriterCommitMessage):
    def __init__(self, size): self.size = size
spark.dataSource.register(Numbers)
frame = spark.read.format("numbers").load()
print(sorted((it.i, len(it.s)) for it in frame.collect()))
to = "wrote-%f" % time.time()
frame.write.format("numbers").option("to", to).mode("append").save()
print(open(to).read())
sizes = []
def note(frame, number): sizes.append(frame.selectExpr("sum(length(s))").head())
query = spark.readStream.format("numbers").load().writeStream
query = query.foreachBatch(note).start()
while len(sizes) < 2 and query.isActive: time.sleep(0.1)
query.stop()
print(sizes[:2], query.exception())
""",
    "pandas-on-spark": """
import warnings; warnings.simplefilter("ignore")
import pyspark.pandas as ps
frame = ps.from_pandas(table)
print(frame.i.sum(), frame.head(2).to_pandas().values.tolist())
print(len(frame.to_pandas()))
print(frame.groupby(frame.i % 3).f.mean().sort_index().to_list())
print(frame.i.apply(lambda i: i + 1).sum())
print(ps.Series([3, 1, 2]).sort_values().to_list())
""",
    "files": """
from pathlib import Path
from pyspark import SparkFiles
Path("words.txt").write_text(LARGE)
Path("crossing_helper.py").write_text("def size(x): return len(x)")
sc.addFile("words.txt"); sc.addPyFile("crossing_helper.py")
def read(_):
    import crossing_helper
    return crossing_helper.size(open(SparkFiles.get("words.txt")).read())
print(one.map(read).collect())
many.map(str).saveAsPickleFile("pickled-%f" % time.time())
""",
    "storage": """
from pyspark import StorageLevel
kept = many.map(lambda i: (i % 7, LARGE[:100])).persist(StorageLevel.DISK_ONLY)
print(kept.count(), sorted(kept.groupByKey().mapValues(len).collect()))
sums = kept.aggregateByKey(0, lambda a, b: a + len(b), lambda a, b: a + b)
print(sorted(sums.collect()))
print(many.repartition(3).sortBy(lambda i: -i).take(2), many.zipWithIndex().count())
frame = spark.range(1000).repartition(4).persist(StorageLevel.DISK_ONLY)
print(frame.count(), frame.localCheckpoint().count())
""",
    "barrier": """
from pyspark import BarrierTaskContext
def meet(items):
    context = BarrierTaskContext.get(); context.barrier()
    yield context.allGather(str(context.partitionId()))
print(sc.parallelize([0, 1], 2).barrier().mapPartitions(meet).collect())
""",
    "learning": """
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.linalg import Vectors
from pyspark.mllib.clustering import KMeans as Older
points = [[float(i % 2 * 10 + i % 3)] * 2 for i in range(200)]
frame = VectorAssembler(inputCols=["a", "b"], outputCol="features").transform(
    spark.createDataFrame(points, ["a", "b"]))
model = KMeans(k=2, seed=1).fit(frame)
print(sorted(round(float(it[0]), 3) for it in model.clusterCenters()))
older = Older.train(sc.parallelize(points, 2), 2, seed=1)
print(sorted(set(older.predict(sc.parallelize(points, 2)).collect())))
print(older.predict([0.0, 0.0]) in (0, 1))
print(spark.createDataFrame([(Vectors.dense(1, 2),)], ["v"]).collect())
""",
}
