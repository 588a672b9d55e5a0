import { type Fact, factRef } from '../../core/fact.ts';
import { joinScripts, sh } from '../../core/shell.ts';
import { type Certificate, readCertificates } from '../../pki/certificate.ts';
import { administrator, complaint, notAsked } from './nodes.ts';

/** What objects of the API hold of certificates: the CAs by which the API server knows others, and requests of kubelets. */
export type ApiCertificates =
  | {
      readonly state: 'answered';
      readonly bundles: readonly CaBundle[];
      /** Names of requests for serving certificates of kubelets that nobody has approved or denied. */
      readonly pendingServing: readonly string[];
      /** Lists of which not all is known; one that the version of the API does not have is none of them. */
      readonly incomplete: readonly IncompleteList[];
    }
  | { readonly state: 'no answer'; readonly reason: string };

/** The CAs by which the API server knows whoever answers for an object. */
export interface CaBundle {
  /** `ValidatingWebhookConfiguration/policy`, and the webhook behind it where there are several bundles. */
  readonly object: string;
  /** Undefined: nobody can read it. */
  readonly authorities: readonly Certificate[] | undefined;
}

export interface IncompleteList {
  /** `ValidatingWebhookConfiguration` */
  readonly kind: string;
  /** A clause: what kubectl says, or that the answer is too long. */
  readonly reason: string;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers */
const SERVING_SIGNER = 'kubernetes.io/kubelet-serving';

/** A line for each webhook that has a CA: object, webhook, CA. */
const WEBHOOKS =
  '{{range .items}}{{$object := .metadata.name}}{{range .webhooks}}{{$hook := .name}}{{with .clientConfig}}{{with .caBundle}}' +
  '{{$object}} {{$hook}} {{.}}{{"\\n"}}{{end}}{{end}}{{end}}{{end}}';

/**
 * What is asked for of each kind: kubectl picks the fields on the host, in whichever version the API prefers. Each line ends with
 * what the object is asked for. A field that is not there may only be tested: one of its own fields would be an error.
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
  // One that has an answer has a condition, Approved, Denied or Failed. Before Kubernetes 1.18 none names its signer.
  CertificateSigningRequest: {
    resource: 'certificatesigningrequests.certificates.k8s.io',
    template:
      `{{range .items}}{{if eq (print .spec.signerName) "${SERVING_SIGNER}"}}` +
      '{{with .status}}{{with .conditions}}answered {{end}}{{end}}{{.metadata.name}}{{"\\n"}}{{end}}{{end}}',
  },
};

/** Of each list; all of them stay below what is kept of the answer to a probe, 1 MiB. */
const LIST_BYTES = 196_608;

/** The same CAs stand in many objects: again they are only their number, `#1`. */
const SHORTEN = '/^=E / { print; next } $NF in seen { $NF = "#" seen[$NF]; print; next } { seen[$NF] = ++n; print }';

const apiCertificatesFact: Fact<Record<string, never>, ApiCertificates> = {
  name: 'api_certificates',
  summary: 'CAs in webhooks, API services and conversions, and requests of kubelets, as the API tells an administrator',
  // An API that is down is asked once: by its version, for which kubectl need not know what else there is. What does not come from
  // the API itself when a list fails ends it too, because waiting for each list would take longer than a look may. An empty last line
  // of standard error says that kubectl has not failed: it warns of other things as well.
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
    const hindrance = notAsked(exitCode);
    if (hindrance !== undefined) return { state: 'no answer', reason: hindrance };
    if (exitCode !== 0) return { state: 'no answer', reason: complaint({ stderr, exitCode }) };
    const answers = answersIn(stdout);
    const failures = [...answers.values()].flatMap(({ failure }) => failure ?? []);
    // That none of them is there says nothing about versions.
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

/** Asked with the administrator's kubeconfig of the host. */
export const apiCertificates = factRef(apiCertificatesFact, {});

/** Whether a list that there is has failed; what the API of an older version does not have is no failure. */
function isFailure(failure: string): boolean {
  return !/doesn't have a resource type|\(NotFound\)/.test(failure);
}

/** What the host has told of one list. */
interface ListAnswer {
  readonly lines: readonly string[];
  readonly failure: string | undefined;
  /** The lines are not all. */
  readonly isCut: boolean;
}

/** By kind, in the order of the questions. The exit status comes last: where it is missing, the answer was cut. */
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
      const said = rest[end]?.slice(3) || `kubectl ended with ${status}`;
      return [kind, { lines: whole, failure: status === '0' ? undefined : said, isCut: false }];
    }),
  );
}

/** Lines of an object's name, its webhook where it has any, and its CAs; each text of CAs is read once and told once of an object. */
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
