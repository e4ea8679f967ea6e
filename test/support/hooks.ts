import { dropPostgres } from './postgres.js';

const floating: unknown[] = [];
process.on('unhandledRejection', (error) => floating.push(error));

export const mochaHooks = {
  // mocha passes a test that leaves a failed promise behind; nobody would ever look at it.
  afterEach(): void {
    const [first] = floating.splice(0);
    if (first !== undefined)
      throw new Error(`A promise failed that nobody waited for: ${String(first)}`, { cause: first });
  },
  async afterAll(): Promise<void> {
    await dropPostgres();
  },
};
