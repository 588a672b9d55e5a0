import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SDK_VERSION, temporalSdk } from '../../src/cli/temporal/sdk.ts';
import { PROJECT } from './support/bundled-program.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kplay-sdk-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A kplay beside which that version is installed; loading any of it fails. @returns its program */
function kplayBeside(version: string): URL {
  const root = join(directory, version);
  const worker = join(root, 'node_modules/@temporalio/worker');
  mkdirSync(worker, { recursive: true });
  writeFileSync(join(worker, 'package.json'), JSON.stringify({ name: '@temporalio/worker', version, main: 'main.js' }));
  writeFileSync(join(worker, 'main.js'), 'throw new Error("it was loaded");\n');
  return pathToFileURL(join(root, 'dist/kplay.js'));
}

describe("Temporal's packages beside kplay", () => {
  it.each(['1.23.2', '1.24.1', '2.0.0'])(
    'are refused when they are of version %s, before they are loaded',
    (version) => {
      expect(() => temporalSdk(kplayBeside(version))).toThrow(
        expect.objectContaining({
          diagnostics: [
            expect.objectContaining({
              message: expect.stringMatching(
                new RegExp(`^@temporalio/worker ${version} is installed, and kplay \\S+ is made for ${SDK_VERSION}: `),
              ),
              hint: `npm install -g @temporalio/worker@${SDK_VERSION}`,
            }),
          ],
        }),
      );
    },
  );

  it('are taken when they are of the version that the workflow is made with', () => {
    expect(() => temporalSdk(kplayBeside(SDK_VERSION))).toThrow('it was loaded');
  });

  it('are those of package.json, which the build bundles', () => {
    const { peerDependencies, devDependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    const all = [...Object.entries(peerDependencies), ...Object.entries(devDependencies)];
    const versions = all.filter(([name]) => name.startsWith('@temporalio/')).map(([, version]) => version);
    expect(new Set(versions)).toEqual(new Set([SDK_VERSION]));
    expect(temporalSdk().client.Connection).toBeDefined();
  });
});
