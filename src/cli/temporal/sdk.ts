import { createRequire } from 'node:module';
import * as sea from 'node:sea';
import type * as ActivitySdk from '@temporalio/activity';
import type * as ClientSdk from '@temporalio/client';
import type * as WorkerSdk from '@temporalio/worker';
import { InputError } from '../../core/diagnostic.ts';
import { VERSION } from '../version.ts';

/** The one package that has to be there: it brings the others along, each of them once. */
const PACKAGE = '@temporalio/worker';

export interface TemporalSdk {
  readonly client: typeof ClientSdk;
  readonly worker: typeof WorkerSdk;
  readonly activity: typeof ActivitySdk;
}

/**
 * Temporal's packages. They are large, hold a native part, and most users have no use for them: whoever has installs them beside kplay.
 * @param from beside which they are looked for. @throws {InputError} when they are not there, or are not those that kplay's workflow is made with.
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
      undefined,
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

/** What kplay is tried with, and its workflow bundled: a part of the SDK is in it, which runs in that of a worker. package.json names the same. */
export const SDK_VERSION = '1.24.0';
