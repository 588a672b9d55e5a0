import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Fleet, type FleetOptions, type FleetRuntime, startFleet } from '../../../src/simulation/fleet.ts';

/** Fleets for one test file, and what they run their stand-in programs with. Everything goes when it is closed. */
export class Bench {
  readonly runtime: FleetRuntime;
  readonly #fleets = new Set<Fleet>();

  private constructor(directory: string, tools: string) {
    this.runtime = {
      node: process.execPath,
      tools,
      platform: process.platform,
      path: process.env['PATH'] ?? '/usr/bin:/bin',
      directory,
      clock: () => new Date(),
    };
  }

  /** Bundles the stand-in programs, as the package ships them. */
  static async open(): Promise<Bench> {
    const directory = mkdtempSync(join(tmpdir(), 'kplay-bench-'));
    const tools = join(directory, 'tools.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('../../../src/simulation/tools/main.ts', import.meta.url))],
      outfile: tools,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
      banner: { js: REQUIRE },
    });
    return new Bench(directory, tools);
  }

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

/** Some packages in the bundle are CommonJS. */
const REQUIRE = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";
