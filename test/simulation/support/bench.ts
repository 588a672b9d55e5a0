import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, type FleetOptions, type FleetRuntime, startFleet } from '../../../src/simulation/fleet.ts';

/** Fleets for one test file. Everything goes when it is closed. */
export class Bench {
  readonly #fleets = new Set<Fleet>();
  readonly runtime: FleetRuntime = {
    platform: process.platform,
    path: process.env['PATH'] ?? '/usr/bin:/bin',
    directory: mkdtempSync(join(tmpdir(), 'kplay-bench-')),
    clock: () => new Date(),
  };

  async fleet(options: Omit<FleetOptions, 'runtime'> & { readonly path?: string } = {}): Promise<Fleet> {
    const { path = this.runtime.path, ...rest } = options;
    const fleet = await startFleet({ ...rest, runtime: { ...this.runtime, path } });
    this.#fleets.add(fleet);
    return fleet;
  }

  async discard(fleet: Fleet): Promise<void> {
    this.#fleets.delete(fleet);
    await fleet.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#fleets].map((fleet) => fleet.close()));
    rmSync(this.runtime.directory, { recursive: true, force: true });
  }
}
