import { parseTimeout } from '../../core/duration.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { Secret, SecretMask } from '../../core/secret.ts';
import { CUT, shortened } from '../../core/shortened.ts';
import { sendRequest } from '../../transport/dial/http-request.ts';
import { LocalActionFailure } from './local-action-failure.ts';

/** Shorter parts of a path and of a body are hardly secret. */
const LEAST_SECRET = 8;

/**
 * Sends a request. Errors do not show its path: for many services it is all that is needed to send.
 * @returns the first `maxBytes` bytes of the answer. @param params with an address as `url`, and a `timeout`
 * @throws {LocalActionFailure} unless the status is one of those wanted
 */
export async function request(params: JsonObject, signal: AbortSignal, maxBytes?: number): Promise<string> {
  const { method, status_code: wanted, headers = null, body = null, validate_certs: validates } = params;
  const url = new URL(String(params['url']));
  const { text, type } = bodyOf(params);
  const given = isJsonObject(headers) ? Object.entries(headers) : [];
  const answer = await sendRequest({
    url,
    method: String(method),
    headers: {
      ...(type !== undefined && { 'content-type': type }),
      ...Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)])),
    },
    body: text,
    validatesCertificates: validates !== false,
    signal,
    timeoutMs: parseTimeout(String(params['timeout'])),
    ...(maxBytes !== undefined && { maxBytes }),
  });
  const codes = Array.isArray(wanted) ? wanted : [wanted];
  if (codes.includes(answer.status)) return answer.body;
  const shown = withoutRequest(answer.body, url, given, [text ?? '', ...textsIn(body)]);
  const excerpt = shortened(shown.trim().split('\n')[0] ?? '', 200);
  const isElsewhere = answer.status >= 300 && answer.status < 400 ? ', and redirects are not followed' : '';
  throw new LocalActionFailure(
    `${method} ${url.origin} answered ${answer.status}${isElsewhere}${excerpt === '' ? '' : `: ${excerpt}`}`,
  );
}

/**
 * The answer without any part of the request that it may repeat: everything but the host of an address, headers and the body may be secret.
 * @param body its text, and the texts that it was made of
 */
function withoutRequest(
  answer: string,
  url: URL,
  headers: readonly (readonly [string, Json])[],
  body: readonly string[],
): string {
  const mask = new SecretMask();
  const ofHeaders = headers.flatMap(([, value]) => [String(value), String(value).split(' ').at(-1) ?? '']);
  const [user, password] = [url.username, url.password].map(decodedPart);
  // Node.js makes a header of them.
  const login = Buffer.from(`${user}:${password}`).toString('base64');
  const ofQuery = [url.search, url.search.slice(1), ...url.searchParams.values()];
  const ofPath = [url.pathname, ...url.pathname.split('/').filter((part) => part.length >= LEAST_SECRET)];
  const ofUser = [url.username, url.password, user ?? '', password ?? '', login];
  for (const value of [...ofHeaders, ...ofQuery, ...ofPath, ...ofUser, ...body]) mask.add(new Secret(value));
  // The answer may have been cut.
  return mask.apply(answer + CUT).slice(0, -CUT.length);
}

function decodedPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The texts in a body. Shorter ones are words of an interface: without them no answer could be understood. */
function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return value.length >= LEAST_SECRET ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/**
 * The fields of a form: of a mapping, or of a list of pairs. A list as a value gives several fields of the name, as in Ansible.
 * @throws {LocalActionFailure} for anything that has no place in a form
 */
function formFields(body: Json): [string, string][] {
  const pairs = isJsonObject(body) ? Object.entries(body) : body;
  if (!Array.isArray(pairs)) throw notAForm('its body is neither a mapping nor a list of pairs');
  return pairs.flatMap((pair: Json) => {
    const [name, value, ...more] = Array.isArray(pair) ? pair : [];
    if (typeof name !== 'string' || value === undefined || more.length > 0)
      throw notAForm('a part of its body is no pair');
    return (Array.isArray(value) ? value : [value]).map((one: Json): [string, string] => {
      if (one === null || typeof one === 'object') throw notAForm(`the value of ${name} is no text`);
      return [name, String(one)];
    });
  });
}

function notAForm(why: string): LocalActionFailure {
  return new LocalActionFailure(`it cannot be sent with body_format form-urlencoded: ${why}`);
}

function bodyOf({ body = null, body_format: format }: JsonObject): { readonly text?: string; readonly type?: string } {
  if (body === null) return {};
  if (format === 'json')
    return { text: typeof body === 'string' ? body : JSON.stringify(body), type: 'application/json' };
  if (format === 'form-urlencoded') {
    const text = typeof body === 'string' ? body : new URLSearchParams(formFields(body)).toString();
    return { text, type: 'application/x-www-form-urlencoded' };
  }
  return { text: typeof body === 'string' ? body : JSON.stringify(body) };
}
