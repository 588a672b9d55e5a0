import { type AuthorityName, type CredentialName, KUBECONFIGS, PAIRS } from '../../../src/kubeadm/table.ts';
import type { InterruptedRun, LeafCondition, LeafState, TreeState } from '../../../src/simulation/tree-state.ts';
import { fc } from '../../support/random-cases.ts';
import type { ExtraVariables } from './engine.ts';

/** A cluster in some state, and how it is to be renewed. */
export interface Scenario {
  readonly states: readonly TreeState[];
  /** Of its workers; absent: it has none. */
  readonly workers?: readonly TreeState[];
  readonly user: 'root' | 'ops';
  readonly authorityDaysLeft: number;
  readonly variables: ExtraVariables;
}

const LEAVES: readonly CredentialName[] = [...PAIRS, ...KUBECONFIGS].map(({ name }) => name);
const CONDITIONS: readonly LeafCondition[] = [
  'valid',
  'due',
  'expired',
  'not-yet-valid',
  'missing',
  'garbage',
  'empty',
  'key-missing',
  'key-mismatch',
  'foreign',
  'not-loaded',
];
const EXTRA_NAMES = ['api.example.org', '*.apps.example.org', '192.0.2.7', '2001:db8::7'];

/** Mostly one master, sometimes three; mostly in trouble. */
export function scenarios(): fc.Arbitrary<Scenario> {
  const masters = fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constant(3) });
  return masters.chain((count) =>
    fc.record({
      states: fc.array(treeStates(), { minLength: count, maxLength: count }),
      user: fc.constantFrom('root', 'ops'),
      authorityDaysLeft: rarely(2_555, fc.constantFrom(20, -1)),
      variables: fc.record({
        method: fc.constant('native'),
        renew_before: fc.oneof(
          { weight: 4, arbitrary: fc.constant('30d') },
          { weight: 1, arbitrary: fc.constantFrom('0s', 'all') },
        ),
        kubeconfig_users: fc.constantFrom(['root'], ['root', 'ops']),
      }),
    }),
  );
}

function treeStates(): fc.Arbitrary<TreeState> {
  return fc
    .record({
      all: sometimes(fc.record({ condition: fc.constantFrom<LeafCondition>('due', 'expired') })),
      leaves: fc.dictionary(fc.constantFrom(...LEAVES), leafStates(CONDITIONS), { maxKeys: 4 }),
      kubeletClient: sometimes(leafStates(CONDITIONS.filter((condition) => condition !== 'not-loaded'))),
      kubeletServer: sometimes(leafStates(['expired', 'due'])),
      kubeletConf: fc.constantFrom('files', 'embedded'),
      withoutKeyOf: rarely<readonly AuthorityName[]>([], fc.constantFrom(['ca'], ['etcd-ca'], ['front-proxy-ca'])),
      interrupted: sometimes(interruptedRuns()),
      rootHome: homes(),
      opsHome: homes(),
      podsStarted: fc.constantFrom('before', 'after'),
      rebooted: rarely(false, fc.constant(true)),
      kubeadm: fc.boolean(),
      kubectl: fc.boolean(),
      clockOffsetSeconds: rarely(0, fc.constantFrom(20, 3_600, -3_600)),
      readOnly: rarely(false, fc.constant(true)),
      diskFull: rarely(false, fc.constant(true)),
      noisyProfile: fc.boolean(),
      banner: sometimes(fc.constant('Authorised users only.\n')),
      oldTls: fc.boolean(),
    })
    .map(({ leaves, kubeletClient, kubeletServer, ...state }) => ({
      ...withoutUndefined(state),
      leaves: withoutUndefined({
        ...leaves,
        'kubelet-client': isUsable(kubeletClient, state.kubeletConf) ? kubeletClient : undefined,
        'kubelet-server': kubeletServer,
      }),
    }));
}

/** What kubelet.conf does not say at all cannot be renewed. */
function isUsable(state: LeafState | undefined, kubeletConf: TreeState['kubeletConf']): boolean {
  return kubeletConf === 'files' || !['missing', 'garbage', 'empty', 'key-missing'].includes(state?.condition ?? '');
}

function leafStates(conditions: readonly LeafCondition[]): fc.Arbitrary<LeafState> {
  return fc
    .record({
      condition: fc.constantFrom(...conditions),
      keyAlgorithm: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(undefined, 'ECDSA-P256', 'ECDSA-P384') },
        { weight: 1, arbitrary: fc.constant('RSA-2048') },
      ),
      extraNames: sometimes(fc.subarray(EXTRA_NAMES)),
    })
    .map((state) => withoutUndefined(state) as LeafState);
}

function interruptedRuns(): fc.Arbitrary<InterruptedRun> {
  return fc.subarray([...LEAVES], { minLength: 1, maxLength: 6 }).chain((aside) =>
    fc.record({
      aside: fc.constant(aside),
      remade: fc.subarray([...aside]),
      backup: fc.constantFrom('none', 'partial', 'whole'),
      staging: fc.boolean(),
    }),
  );
}

function homes() {
  return fc.constantFrom('none', 'copy', 'link', 'stale-copy', 'multi-context', 'json', 'flow', 'token', 'other-user');
}

function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

function rarely<T>(usual: T, otherwise: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 15, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: otherwise });
}

function withoutUndefined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
