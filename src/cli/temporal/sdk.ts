import { createRequire } from 'node:module';
import * as sea from 'node:sea';
import type * as ActivitySdk from '@temporalio/activity';
import type * as ClientSdk from '@temporalio/client';
import type * as WorkerSdk from '@temporalio/worker';
import { InputError } from '../../core/diagnostic.ts';

/** The one package that has to be there: it brings the others along, each of them once. */
const PACKAGE = '@temporalio/worker';

export interface TemporalSdk {
  readonly client: typeof ClientSdk;
  readonly worker: typeof WorkerSdk;
  readonly activity: typeof ActivitySdk;
}

/**
 * Temporal's packages. They are large, hold a native part, and most users have no use for them: whoever has installs them beside kplay.
 * @throws {InputError} when they are not there.
 */
export function temporalSdk(): TemporalSdk {
  if (sea.isSea())
    throw InputError.of(
      'the single executable has no part for Temporal',
      undefined,
      `install kplay with npm for that: npm install -g kplay ${PACKAGE}@${SDK_VERSION}`,
    );
  const require = createRequire(import.meta.url);
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
  return {
    worker: require(PACKAGE),
    client: beside('@temporalio/client'),
    activity: beside('@temporalio/activity'),
  };
}

/** What kplay is tried with; package.json names the same. */
const SDK_VERSION = '1.24.0';
