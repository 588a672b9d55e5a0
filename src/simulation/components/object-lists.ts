import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../core/json.ts';
import { SIGNING_REQUESTS_PATH } from './bootstrap-requests.ts';
import type { ComponentContext } from './component.ts';
import { refuse, send } from './responses.ts';

/** Objects in etcd, by the path of their list; without the file there are none. Null: this version has no such list. */
export const OBJECTS_FILE = '/var/lib/etcd/objects.json';

const KINDS: Readonly<Record<string, string>> = {
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations': 'ValidatingWebhookConfigurationList',
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations': 'MutatingWebhookConfigurationList',
  '/apis/apiregistration.k8s.io/v1/apiservices': 'APIServiceList',
  [SIGNING_REQUESTS_PATH]: 'CertificateSigningRequestList',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions': 'CustomResourceDefinitionList',
};

/** Whether it is the path of a list of objects that the simulated API supports. */
export function isObjectList(path: string): boolean {
  return path in KINDS;
}

/** The path of a list by kubectl's name, such as `apiservices.apiregistration.k8s.io`. */
export function pathOfList(resource: string): string | undefined {
  return Object.keys(KINDS).find((path) => {
    const [, , group, , plural] = path.split('/');
    return resource === `${plural}.${group}`;
  });
}

/** Answers with the objects of the list from etcd. */
export function answerObjects({ files }: ComponentContext, path: string, response: ServerResponse): void {
  const held = JSON.parse(files.readIfThere(OBJECTS_FILE) ?? '{}') as Readonly<
    Record<string, readonly JsonObject[] | null>
  >;
  if (held[path] === null) {
    refuse(response, 404, 'NotFound', 'the server could not find the requested resource');
    return;
  }
  const apiVersion = path.split('/').slice(2, 4).join('/');
  send(response, { kind: KINDS[path] ?? '', apiVersion, metadata: {}, items: held[path] ?? [] });
}
