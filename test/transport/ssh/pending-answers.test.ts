import { expect, test } from 'vitest';
import { PendingAnswers } from '../../../src/transport/ssh/pending-answers.ts';

const never = new Promise<string>(() => undefined);
const ignore = (): void => undefined;

test('what has been answered, or refused, is remembered no longer', async () => {
  const pending = new PendingAnswers(60_000);
  expect(await pending.wait(Promise.resolve('yes'), ignore)).toBe('yes');
  await expect(pending.wait(Promise.reject(new Error('no')), ignore)).rejects.toThrow('no');
  expect(pending.size).toBe(0);
});

test('what is not answered in time is given up, and what comes after that is put away', async () => {
  const pending = new PendingAnswers(10);
  let answer: (text: string) => void = ignore;
  const given = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const late = new Promise<string>((resolve) => {
    const asked = pending.wait(given, resolve);
    void expect(asked)
      .rejects.toThrow('the host does not answer within 0.01 s')
      .then(() => {
        expect(pending.size).toBe(0);
        answer('too late');
      });
  });
  expect(await late).toBe('too late');
});

test('the end of the connection ends all that is waited for, and whatever is asked after it', async () => {
  const pending = new PendingAnswers(60_000);
  const asked = [pending.wait(never, ignore), pending.wait(never, ignore)];
  const lost = asked.map((each) => expect(each).rejects.toThrow('the host closed it'));
  expect(pending.size).toBe(2);
  pending.failAll('the host closed it');
  await Promise.all(lost);
  await expect(pending.wait(never, ignore)).rejects.toThrow('the host closed it');
  expect(pending.size).toBe(0);
});
