import { createRequire } from 'node:module';
import * as sea from 'node:sea';
import type * as ActivitySdk from '@temporalio/activity';
import type * as ClientSdk from '@temporalio/client';
import type * as WorkerSdk from '@temporalio/worker';
import { InputError } from '../../core/diagnostic.ts';
import { VERSION } from '../version.ts';

/** The package that must be installed: it depends on the others, so there is one copy of each. */
const PACKAGE = '@temporalio/worker';

export interface TemporalSdk {
  readonly client: typeof ClientSdk;
  readonly worker: typeof WorkerSdk;
  readonly activity: typeof ActivitySdk;
}

/**
 * Temporal's packages. They are large, have a native part, and most users do not need them, so users install them beside kplay.
 * @param from the directory beside which they are looked up. @throws {InputError} when they are missing, or not the version that kplay's
 * workflow is built with.
 */
export function temporalSdk(from: string | URL = import.meta.url): TemporalSdk {
  if (sea.isSea())
    throw InputError.of(
      'the single executable does not support Temporal',
      undefined,
      `install kplay with npm for that: npm install -g kplay ${PACKAGE}@${SDK_VERSION}`,
    );
  const require = createRequire(from);
  let place: string;
  try {
    place = require.resolve(PACKAGE);
  } catch {
    throw InputError.of(
      `--engine needs the package ${PACKAGE}, which is not installed beside kplay`,
      ['--engine'],
      `npm install -g ${PACKAGE}@${SDK_VERSION}`,
    );
  }
  const beside = createRequire(place);
  const installed: unknown = beside(`${PACKAGE}/package.json`).version;
  if (installed !== SDK_VERSION)
    throw InputError.of(
      `${PACKAGE} ${String(installed)} is installed, and kplay ${VERSION} is made for ${SDK_VERSION}: ${place}`,
      undefined,
      `npm install -g ${PACKAGE}@${SDK_VERSION}`,
    );
  return {
    worker: require(PACKAGE),
    client: beside('@temporalio/client'),
    activity: beside('@temporalio/activity'),
  };
}

/**
 * The version with which kplay is tested and its workflow bundled: the bundle contains a part of the SDK, which runs in the worker's. The
 * same as in package.json.
 */
export const SDK_VERSION = '1.24.0';
