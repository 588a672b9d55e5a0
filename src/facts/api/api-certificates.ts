import { type Fact, factRef } from '../../core/fact.ts';
import { joinScripts, sh } from '../../core/shell.ts';
import { type Certificate, readCertificates } from '../../pki/certificate.ts';
import { administrator, kubectlMessage, whyUnusable } from './nodes.ts';

/** Certificates in objects of the API: CAs with which the API server verifies others, and requests of kubelets. */
export type ApiCertificates =
  | {
      readonly state: 'answered';
      readonly bundles: readonly CaBundle[];
      /** Names of requests for serving certificates of kubelets that are neither approved nor denied. */
      readonly pendingServing: readonly string[];
      /** Lists that could not be read completely; a list that this version of the API does not have is not one of them. */
      readonly incomplete: readonly IncompleteList[];
    }
  | { readonly state: 'no answer'; readonly reason: string };

/** The CAs with which the API server verifies the service behind an object. */
export interface CaBundle {
  /** `ValidatingWebhookConfiguration/policy`, plus the webhook if there are several bundles. */
  readonly object: string;
  /** Undefined: unreadable. */
  readonly authorities: readonly Certificate[] | undefined;
}

export interface IncompleteList {
  /** `ValidatingWebhookConfiguration` */
  readonly kind: string;
  /** A clause: kubectl's message, or that the answer is too long. */
  readonly reason: string;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers */
const SERVING_SIGNER = 'kubernetes.io/kubelet-serving';

/** A line for each webhook with a CA: object, webhook, CA. */
const WEBHOOKS =
  '{{range .items}}{{$object := .metadata.name}}{{range .webhooks}}{{$hook := .name}}{{with .clientConfig}}{{with .caBundle}}' +
  '{{$object}} {{$hook}} {{.}}{{"\\n"}}{{end}}{{end}}{{end}}{{end}}';

/**
 * What to read of each kind: kubectl selects the fields on the host, in the version that the API prefers. Each line ends with
 * the requested value. Fields that may be missing have to be tested as a whole: accessing a field inside would be an error.
 */
const LISTS: Readonly<Record<string, { readonly resource: string; readonly template: string }>> = {
  ValidatingWebhookConfiguration: {
    resource: 'validatingwebhookconfigurations.admissionregistration.k8s.io',
    template: WEBHOOKS,
  },
  MutatingWebhookConfiguration: {
    resource: 'mutatingwebhookconfigurations.admissionregistration.k8s.io',
    template: WEBHOOKS,
  },
  APIService: {
    resource: 'apiservices.apiregistration.k8s.io',
    template:
      '{{range .items}}{{$object := .metadata.name}}{{with .spec.caBundle}}{{$object}} {{.}}{{"\\n"}}{{end}}{{end}}',
  },
  CustomResourceDefinition: {
    resource: 'customresourcedefinitions.apiextensions.k8s.io',
    template:
      '{{range .items}}{{$object := .metadata.name}}{{with .spec.conversion}}{{with .webhook}}{{with .clientConfig}}{{with .caBundle}}' +
      '{{$object}} {{.}}{{"\\n"}}{{end}}{{end}}{{end}}{{end}}{{end}}',
  },
  // An answered request has a condition: Approved, Denied or Failed. Before Kubernetes 1.18 requests name no signer.
  CertificateSigningRequest: {
    resource: 'certificatesigningrequests.certificates.k8s.io',
    template:
      `{{range .items}}{{if eq (print .spec.signerName) "${SERVING_SIGNER}"}}` +
      '{{with .status}}{{with .conditions}}answered {{end}}{{end}}{{.metadata.name}}{{"\\n"}}{{end}}{{end}}',
  },
};

/** Per list; together they stay below the 1 MiB limit on the answer to a probe. */
const LIST_BYTES = 196_608;

/** Many objects contain the same CAs: repetitions are sent as their number, `#1`. */
const SHORTEN = '/^=E / { print; next } $NF in seen { $NF = "#" seen[$NF]; print; next } { seen[$NF] = ++n; print }';

const apiCertificatesFact: Fact<Record<string, never>, ApiCertificates> = {
  name: 'api_certificates',
  summary: 'CAs in webhooks, API services and conversions, and requests of kubelets, as the API tells an administrator',
  // If the API is down, only the version is asked for, for which kubectl needs no discovery. If a list fails for another reason
  // than an error of the API itself, the rest is skipped too: waiting for each list would exceed the time limit. An empty last
  // line of standard error says that kubectl has not failed, since it also prints warnings.
  probe: () => ({
    script: sh`ask() {
${administrator(sh`"$@"`)}}
list() {
  printf '=L %s\n' "$1"
  said=$({ { (ask get "$2" -o "go-template=$3") && echo >&2; printf '=E %s\n' "$?"; } | awk ${SHORTEN} | { head -c ${LIST_BYTES}; cat >/dev/null; } >&4; } 2>&1 | tail -n 1 | head -c 2048)
  printf '\n=W %s\n' "$said"
  case $said in ''|'Error from server ('*|*"doesn't have a resource type"*) ;; *) exit 0 ;; esac
}
ask get --raw /version >/dev/null || exit $?
exec 4>&1
${joinScripts(Object.entries(LISTS).map(([kind, { resource, template }]) => sh`list ${[kind, resource, template]}`))}
`,
  }),
  parse({ stdout, stderr, exitCode }) {
    const problem = whyUnusable(exitCode);
    if (problem !== undefined) return { state: 'no answer', reason: problem };
    if (exitCode !== 0) return { state: 'no answer', reason: kubectlMessage({ stderr, exitCode }) };
    const answers = answersIn(stdout);
    const failures = [...answers.values()].flatMap(({ failure }) => failure ?? []);
    // Versions do not explain that all of them are missing.
    if (failures.length === answers.size)
      return { state: 'no answer', reason: failures.find(isFailure) ?? failures[0] ?? 'it did not return a list' };
    return {
      state: 'answered',
      bundles: Object.keys(LISTS)
        .filter((kind) => kind !== 'CertificateSigningRequest')
        .flatMap((kind) => bundlesOf(kind, answers.get(kind)?.lines ?? [])),
      pendingServing: (answers.get('CertificateSigningRequest')?.lines ?? []).filter((line) => !line.includes(' ')),
      incomplete: Object.keys(LISTS).flatMap((kind) => {
        const { failure, isCut } = answers.get(kind) ?? {
          failure: 'not asked, because the API had stopped answering',
          isCut: false,
        };
        if (isCut) return [{ kind, reason: `the answer is longer than ${LIST_BYTES / 1024} KiB` }];
        return failure !== undefined && isFailure(failure) ? [{ kind, reason: failure }] : [];
      }),
    };
  },
};

/** Read with the administrator's kubeconfig of the host. */
export const apiCertificates = factRef(apiCertificatesFact, {});

/** Whether an existing list has failed; lists that an older API does not have are no failures. */
function isFailure(failure: string): boolean {
  return !/doesn't have a resource type|\(NotFound\)/.test(failure);
}

/** The host's answer about one list. */
interface ListAnswer {
  readonly lines: readonly string[];
  readonly failure: string | undefined;
  /** The output is incomplete. */
  readonly isCut: boolean;
}

/** By kind, in the order of the questions. The exit status comes last: if it is missing, the answer was truncated. */
function answersIn(stdout: string): ReadonlyMap<string, ListAnswer> {
  const sections = stdout.split(/^=L /m).slice(1);
  return new Map(
    sections.map((section): [string, ListAnswer] => {
      const [kind = '', ...rest] = section.split('\n');
      const end = rest.findIndex((line) => line.startsWith('=W '));
      const answer = rest.slice(0, end === -1 ? rest.length : end);
      const status = answer.find((line) => line.startsWith('=E '))?.slice(3);
      const whole = answer.filter((line) => line !== '' && !line.startsWith('=E '));
      if (status === undefined) return [kind, { lines: whole.slice(0, -1), failure: undefined, isCut: true }];
      const message = rest[end]?.slice(3) || `kubectl ended with ${status}`;
      return [kind, { lines: whole, failure: status === '0' ? undefined : message, isCut: false }];
    }),
  );
}

/**
 * Parses lines with an object's name, its webhook if any, and its CAs. Each text of CAs is parsed once, and reported once per
 * object.
 */
function bundlesOf(kind: string, lines: readonly string[]): readonly CaBundle[] {
  const texts: string[] = [];
  const objects = new Map<string, Map<string, string>>();
  for (const line of lines) {
    const words = line.split(' ');
    const [name = '', hook = ''] = words;
    const last = words.at(-1) ?? '';
    const text = last.startsWith('#') ? texts[Number(last.slice(1)) - 1] : last;
    if (text === undefined) continue;
    if (text === last) texts.push(text);
    const hooks = objects.get(name) ?? new Map<string, string>();
    objects.set(name, hooks);
    if (!hooks.has(text)) hooks.set(text, hook);
  }
  const authorities = new Map(texts.map((text) => [text, authoritiesIn(text)]));
  return [...objects].flatMap(([name, hooks]) =>
    [...hooks].map(([text, hook]) => ({
      object: `${kind}/${name}${hooks.size > 1 ? ` (${hook})` : ''}`,
      authorities: authorities.get(text),
    })),
  );
}

function authoritiesIn(encoded: string): readonly Certificate[] | undefined {
  try {
    return readCertificates(Buffer.from(encoded, 'base64').toString('latin1'));
  } catch {
    return undefined;
  }
}
