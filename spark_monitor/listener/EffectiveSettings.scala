package org.apache.spark.cygnet

import java.io.StringWriter

import scala.util.Try

import com.fasterxml.jackson.core.JsonFactory

import org.apache.spark.{SparkContext, SparkEnv}
import org.apache.spark.internal.config.DRIVER_BIND_ADDRESS

/** What the running driver really does, whatever its configuration was meant to say. */
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
    out.writeEndObject()
    out.close()
    text.toString
  }
}
