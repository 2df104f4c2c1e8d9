// Browser tests on the real binary: node e2e/run.mjs [PART OF A NAME].
import { runAll } from './harness.mjs';
import './hundesteuer.mjs';
import './fim.mjs';
import './towns.mjs';
import './keyboard.mjs';
import './crash.mjs';
import './pages.mjs';
import './shots.mjs';

await runAll();
