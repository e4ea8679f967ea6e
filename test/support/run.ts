import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The name of this run of tests, the same in each of its processes. */
export function runName(): string {
  return process.env['GATEHOUSE_TEST_RUN'] ?? String(process.pid);
}

/** A folder for what the processes of this run make once and keep to its end. */
export function runFolder(): string {
  const folder = join(tmpdir(), `gatehouse-test-run-${runName()}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Removes that folder. */
export function removeRunFolder(): void {
  rmSync(runFolder(), { recursive: true, force: true });
}
