import { expect, it } from 'vitest';
import { sendRequest } from '../../../src/transport/dial/http-request.ts';
import { startDeafPort } from '../support/deaf-port.ts';
import { everyNameIs } from '../support/every-name.ts';
import { until } from '../support/processes.ts';

it('a server that answers late is waited for, although its name has another address, which does not work', async () => {
  const deaf = await startDeafPort('HTTP/1.1 204 No Content\r\n\r\n');
  const lookup = everyNameIs([
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  const sending = sendRequest({
    url: new URL(`http://both.example.org:${deaf.port}/`),
    method: 'GET',
    headers: {},
    body: undefined,
    validatesCertificates: true,
    signal: AbortSignal.timeout(20_000),
    timeoutMs: 20_000,
  });
  await until(() => deaf.unanswered() > 0);
  deaf.hear();
  expect((await sending).status).toBe(204);
  lookup.mockRestore();
  deaf.close();
});
