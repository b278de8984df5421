package org.apache.spark.cygnet

import java.io.StringWriter
import java.nio.file.{Path, Paths}

import scala.jdk.CollectionConverters._
import scala.util.Try

import com.fasterxml.jackson.core.JsonFactory

import org.apache.spark.{SparkContext, SparkEnv}
import org.apache.spark.internal.config.DRIVER_BIND_ADDRESS

/** The running driver's effective settings, whatever its configuration says. */
class EffectiveSettings {

  /** A JSON object from setting to value or null; never the value of a secret. */
  def read(sc: SparkContext): String = {
    val own = ExecutorSettings.of(SparkEnv.get)
    val security = SparkEnv.get.securityManager
    val hasSecret = own.isAuthenticated && Try(security.getSecretKey()).toOption.exists(_ != null)
    val text = new StringWriter
    val out = new JsonFactory().createGenerator(text)
    out.writeStartObject()
    out.writeStringField("spark.authenticate", own.isAuthenticated.toString)
    out.writeStringField("spark.network.crypto.enabled", own.isCrypted.toString)
    out.writeStringField("spark.io.encryption.enabled", own.isStoredCrypted.toString)
    out.writeStringField("spark.ui.enabled", sc.ui.isDefined.toString)
    out.writeStringField("spark.driver.bindAddress", sc.conf.get(DRIVER_BIND_ADDRESS))
    out.writeStringField("spark.driver.host", sc.conf.getOption("spark.driver.host").orNull)
    out.writeStringField("spark.master", sc.master)
    out.writeStringField("secret.present", hasSecret.toString)
    out.writeStringField("spark.extraListeners", Listeners.foreign(sc).mkString(","))
    out.writeEndObject()
    out.close()
    text.toString
  }
}

private[cygnet] object Listeners {

  /** The classes of listeners that come neither with Spark nor with Cygnet, sorted. */
  def foreign(sc: SparkContext): Seq[String] =
    sc.listenerBus.listeners.asScala.map(_.getClass).filterNot(isKnown)
      .map(_.getName).distinct.sorted.toSeq

  private def isKnown(listener: Class[_]): Boolean =
    source(listener).exists(place => place == own || place.getParent == spark)

  private lazy val own = source(getClass).orNull
  private lazy val spark = source(classOf[SparkContext]).map(_.getParent).orNull

  /** Where a class really comes from; its name proves nothing. */
  private def source(of: Class[_]): Option[Path] =
    Try(Paths.get(of.getProtectionDomain.getCodeSource.getLocation.toURI)).toOption
}
