// Acknowledged means stored exactly once: the server is killed in the middle of forty submissions.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { binary, startDemo, test, apply } from './harness.mjs';

const SUBMISSIONS = 40;
const CLIENTS = 20; // at once; fewer than there are submissions, so that some come too late

test('kill -9: nothing acknowledged is lost or doubled', async () => {
  let demo = await startDemo({ args: ['-vorgaenge', '5'], engine: 'sqlite' });
  try {
    const keys = Array.from({ length: SUBMISSIONS }, () => randomUUID());
    const town = demo.demo.mandanten[0];
    const acknowledged = new Map();
    const waiting = [...keys];
    await Promise.all(Array.from({ length: CLIENTS }, async () => {
      for (let key; (key = waiting.shift());) {
        const receipt = await apply(town, 'hundesteuer-anmelden', { key }).catch(() => null);
        if (!receipt) continue;
        acknowledged.set(key, receipt);
        if (acknowledged.size === SUBMISSIONS / 4) demo.child.kill('SIGKILL');
      }
    }));
    await demo.stop('SIGKILL');
    assert(acknowledged.size >= SUBMISSIONS / 4 && acknowledged.size < SUBMISSIONS, `${acknowledged.size} acknowledged before the end`);

    demo = await startDemo({ dir: demo.dir, port: Number(new URL(demo.base).port), engine: 'sqlite' });
    const stored = exported(demo.dir);
    for (const [key, receipt] of acknowledged) {
      assert.equal(stored.filter((a) => a.vorgangsnummer === receipt.vorgangsnummer).length, 1, `${receipt.vorgangsnummer} is there once`);
      assert.equal(stored.filter((a) => a.idempotency_key === key).length, 1, `${key} is there once`);
    }
    for (const key of keys) {
      const again = await apply(demo.demo.mandanten[0], 'hundesteuer-anmelden', { key });
      if (acknowledged.has(key)) assert.deepEqual(again, acknowledged.get(key), 'a repeat gets the same answer');
    }
    const after = exported(demo.dir);
    for (const key of keys) assert.equal(after.filter((a) => a.idempotency_key === key).length, 1, `${key} is there once after the repeat`);
    assert.equal(new Set(after.map((a) => a.vorgangsnummer)).size, after.length, 'no number twice');
    execFileSync(binary, ['verify', '-data', demo.dir], { encoding: 'utf8' });
  } finally {
    await demo.stop();
    demo.remove();
  }
});

function exported(dir) {
  return execFileSync(binary, ['export', '-data', dir, '-mandant', 'wiesenbrueck'], { encoding: 'utf8', maxBuffer: 1 << 28 })
    .split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter((o) => o.art === 'antrag');
}
