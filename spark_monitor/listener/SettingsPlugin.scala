package org.apache.spark.cygnet

import java.util.{Map => JavaMap}
import java.util.concurrent.ConcurrentHashMap

import scala.util.control.NonFatal

import org.apache.spark.{SparkContext, SparkEnv}
import org.apache.spark.api.plugin.{DriverPlugin, ExecutorPlugin, PluginContext, SparkPlugin}
import org.apache.spark.internal.config.Network.NETWORK_CRYPTO_ENABLED

/** Lets each executor report its effective settings to the driver, as soon as it registers. */
class SettingsPlugin extends SparkPlugin {
  override def driverPlugin(): DriverPlugin = new SettingsBook
  override def executorPlugin(): ExecutorPlugin = new SettingsReporter
}

/** An executor's effective settings; never a secret. */
private[cygnet] final case class ExecutorSettings(
    executorId: String, isAuthenticated: Boolean, isCrypted: Boolean, isStoredCrypted: Boolean)

private[cygnet] object ExecutorSettings {

  /** The running parts are asked, not the configuration: a key alone encrypts nothing. */
  def of(env: SparkEnv): ExecutorSettings = {
    val security = env.securityManager
    val isAuthenticated = security.isAuthenticationEnabled()
    ExecutorSettings(
      env.executorId,
      isAuthenticated,
      isAuthenticated && env.conf.get(NETWORK_CRYPTO_ENABLED),
      security.getIOEncryptionKey().isDefined)
  }
}

private[cygnet] class SettingsReporter extends ExecutorPlugin {
  override def init(context: PluginContext, extra: JavaMap[String, String]): Unit =
    // An executor that cannot report still computes; the lock shows that it did not report.
    try context.send(ExecutorSettings.of(SparkEnv.get))
    catch { case NonFatal(_) => () }
}

private[cygnet] class SettingsBook extends DriverPlugin {
  override def init(sc: SparkContext, context: PluginContext): JavaMap[String, String] = {
    // A context before this one in the same JVM counted its executors from 1 too.
    SettingsBook.reported.clear()
    java.util.Collections.emptyMap()
  }

  override def receive(message: AnyRef): AnyRef = {
    message match {
      case settings: ExecutorSettings => SettingsBook.reported.put(settings.executorId, settings)
      case _ => ()
    }
    null
  }
}

private[cygnet] object SettingsBook {

  /** By executor; an entry of one that is gone does no harm. */
  val reported = new ConcurrentHashMap[String, ExecutorSettings]
}
