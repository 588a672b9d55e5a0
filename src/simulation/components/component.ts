import { createSecureContext } from 'node:tls';
import type { StaticPod } from '../../kubeadm/host/model.ts';
import type { Component } from '../../kubeadm/table.ts';
import { readCertificates } from '../../pki/certificate.ts';
import type { HostFiles } from '../host-files.ts';
import { dialLocal } from '../https-client.ts';
import { Listeners } from '../listeners.ts';
import type { FleetNetwork, HostNetwork } from '../network.ts';
import type { HostProfile } from '../profile.ts';

/** The environment of a simulated process of the control plane. */
export interface ComponentContext {
  readonly host: HostProfile;
  readonly files: HostFiles;
  readonly network: HostNetwork;
  readonly fleet: FleetNetwork;
  readonly members: ClusterMembers;
  readonly clock: () => Date;
  readonly oldTls: boolean;
  readonly etcdAlarm?: string;
  readonly etcdLearner?: boolean;
}

/** What the hosts of a fleet know about each other. */
export interface ClusterMembers {
  /** Addresses of all masters. */
  readonly addresses: readonly string[];
  /** The nodes of the cluster, and whether their kubelets are healthy. */
  nodes(): readonly {
    readonly name: string;
    readonly isMaster: boolean;
    readonly isReady: boolean;
    readonly version: string;
  }[];
  /** The bootstrap tokens in etcd, by id. */
  readonly tokens: Map<string, BootstrapToken>;
  /** The master where a component is the leader: the first one that runs it. */
  leader(component: Component): string | undefined;
}

export interface BootstrapToken {
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A running component. */
export interface RunningComponent {
  stop(): Promise<void>;
}

/**
 * Starts a component with the flags of its manifest, from the current files.
 * @throws {CrashError} if it cannot start with them; the real one would exit
 */
export type StartComponent = (context: ComponentContext, pod: StaticPod, startup: Startup) => Promise<RunningComponent>;

export interface Startup {
  /** It counts as running for a long time: whatever it would have had to wait for has happened. */
  readonly isOld: boolean;
}

/** The process ended right after its start. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** A certificate with its key, named by one or two flags of a manifest. */
export interface LoadedPair {
  readonly cert: string;
  readonly key: string;
}

/** @throws {CrashError} if either cannot be read, or they do not match */
export function loadPair(
  { files }: ComponentContext,
  { flags }: StaticPod,
  certificate: string,
  key: string,
): LoadedPair {
  const [certificatePath = '', keyPath = ''] = [flags.get(certificate), flags.get(key)];
  try {
    const pair = { cert: files.read(certificatePath), key: files.read(keyPath) };
    // An empty file is no certificate, though it can be used to create a context.
    readCertificates(pair.cert);
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new CrashError(`${certificatePath}: ${error instanceof Error ? error.message : error}`);
  }
}

/** @throws {CrashError} if there is no such file */
export function loadFile({ files }: ComponentContext, { flags }: StaticPod, flag: string): string {
  try {
    return files.read(flags.get(flag) ?? '');
  } catch (error) {
    throw new CrashError(`${flag}: ${error instanceof Error ? error.message : error}`);
  }
}

/** A connection from the host. @throws {Error} if nothing listens there */
export function dial({ fleet, network }: ComponentContext, address: string, port: number) {
  const localPort = fleet.resolve(network, address, port);
  if (localPort === undefined) throw new Error(`dial tcp ${address}:${port}: connect: connection refused`);
  return dialLocal(localPort);
}

/** Opens the listening sockets of a component: all or none. */
export async function listenAll(
  { network }: ComponentContext,
  open: (listeners: Listeners) => Promise<void>,
): Promise<Listeners> {
  const listeners = new Listeners(network);
  try {
    await open(listeners);
    return listeners;
  } catch (error) {
    await listeners.close();
    throw error;
  }
}
