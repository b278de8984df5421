/** Stands in for `@jupyterlab/ui-components`. */

/** An icon that is never drawn. */
export class LabIcon {
  constructor(readonly options: object) {}
}
