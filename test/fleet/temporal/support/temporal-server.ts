import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { STOP_SIGNAL } from '../../../../src/fleet/temporal/orders.ts';
import type { Guard } from './guard.ts';

const CONFIG = join(import.meta.dirname, 'server-config.yaml');
const PROGRAM = 'temporal-server';

/** So long the server may take to stand, on a busy machine. */
const START_MS = 120_000;

/** What is not as usual. */
export interface ServerTerms {
  /** What it knows stands in a file, and is there again when it is begun again; otherwise in memory. */
  readonly keeps?: true;
  /** Whom it lets in. */
  readonly guard?: Guard;
}

/** A Temporal server of its own, on loopback. */
export class TemporalServer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'kplay-temporal-'));
  readonly #ports: number;
  readonly #terms: ServerTerms;
  #process: ChildProcess | undefined;

  private constructor(ports: number, terms: ServerTerms) {
    this.#ports = ports;
    this.#terms = terms;
  }

  static async start(terms: ServerTerms = {}): Promise<TemporalServer> {
    const server = new TemporalServer(await freePorts(), terms);
    await server.begin();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#ports}`;
  }

  /** As `--engine` has it. */
  get engine(): string {
    return `temporal://${this.address}/default`;
  }

  /** Starts it, also once more after `end`: on the same ports. */
  async begin(): Promise<void> {
    const { keeps, guard } = this.#terms;
    const database = join(this.#directory, 'temporal.db');
    const isNew = keeps && !existsSync(database);
    const config = readFileSync(CONFIG, 'utf8')
      .replaceAll(/PORT\+(\d)/g, (_, offset: string) => String(this.#ports + Number(offset)))
      .replace(/DATABASE$/m, keeps ? database : 'default')
      .replace('{ ATTRIBUTES', `{ ${keeps ? `mode: rwc${isNew ? ", setup: 'true'" : ''}` : 'mode: memory'}`)
      .replace(/\n {2}# GLOBAL$/m, guard?.config ?? '');
    const file = join(this.#directory, 'config.yaml');
    writeFileSync(file, config);
    // Its own workers have no token; nothing here needs them.
    const services = ['frontend', 'history', 'matching'].flatMap((service) => ['--service', service]);
    const words = ['--config-file', file, ...(guard ? [] : ['--allow-no-auth']), 'start', ...services];
    const child = spawn(PROGRAM, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.#directory,
    });
    let said = '';
    const hear = (text: unknown): void => {
      said = `${said}${text}`.slice(-20_000);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    this.#process = child;
    const deadline = Date.now() + START_MS;
    while (!(await this.#registered())) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`the Temporal server does not start:\n${said}`);
      await pause(250);
    }
  }

  /** Ends it as a machine does whose power goes. */
  async end(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Ends what goes on in it, as somebody may do with Temporal's own tools. */
  terminateAll(): Promise<void> {
    return this.#withAll((handle) => handle.terminate('by the test'));
  }

  /** Cancels what goes on in it, in the same way. */
  cancelAll(): Promise<void> {
    return this.#withAll((handle) => handle.cancel());
  }

  async #withAll(action: (handle: WorkflowHandle) => Promise<unknown>): Promise<void> {
    const connection = await Connection.connect({ address: this.address });
    try {
      const { workflow } = new Client({ connection });
      for await (const { workflowId } of workflow.list({ query: "ExecutionStatus = 'Running'" }))
        await action(workflow.getHandle(workflowId));
    } finally {
      await connection.close();
    }
  }

  /** Says to a rollout what whoever follows it says after Ctrl-C. */
  async stop(workflowId: string): Promise<void> {
    const connection = await Connection.connect({ address: this.address });
    try {
      await new Client({ connection }).workflow.getHandle(workflowId).signal(STOP_SIGNAL);
    } finally {
      await connection.close();
    }
  }

  /** Resolves when a workflow has ended. */
  async ended(workflowId: string): Promise<void> {
    const connection = await Connection.connect({ address: this.address });
    try {
      await new Client({ connection }).workflow.getHandle(workflowId).result();
    } finally {
      await connection.close();
    }
  }

  /** How many of these activities are being done, or wait for it. */
  async pending(activity: string): Promise<number> {
    const connection = await Connection.connect({ address: this.address });
    try {
      const { workflow } = new Client({ connection });
      let count = 0;
      for await (const { workflowId } of workflow.list({ query: "ExecutionStatus = 'Running'" })) {
        const { raw } = await workflow.getHandle(workflowId).describe();
        count += (raw.pendingActivities ?? []).filter(({ activityType }) => activityType?.name === activity).length;
      }
      return count;
    } finally {
      await connection.close();
    }
  }

  async close(): Promise<void> {
    await this.end();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Its namespace is there, and known to all its parts. */
  async #registered(): Promise<boolean> {
    if (!(await isListening(this.#ports))) return false;
    let connection: Connection | undefined;
    try {
      const { guard } = this.#terms;
      const access = guard && { tls: guard.tls, apiKey: guard.token('temporal-system:admin', 'default:admin') };
      connection = await Connection.connect({ address: this.address, connectTimeout: '2s', ...access });
      const { workflowService } = connection;
      await workflowService
        .registerNamespace({ namespace: 'default', workflowExecutionRetentionPeriod: msToTs('1 day') })
        .catch((error: unknown) => {
          if (!String(error).includes('already')) throw error;
        });
      await workflowService.describeTaskQueue({ namespace: 'default', taskQueue: { name: 'kplay' }, taskQueueType: 1 });
      return true;
    } catch {
      return false;
    } finally {
      await connection?.close();
    }
  }
}

/** The first of eight ports in a row that nobody listens on. */
async function freePorts(): Promise<number> {
  for (let first = 20_000 + (process.pid % 400) * 20; first < 32_000; first += 20) {
    const ports = Array.from({ length: 8 }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new Error('no eight free ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
