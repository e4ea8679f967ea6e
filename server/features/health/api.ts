import * as z from 'zod';
import { apiTime, isoTime } from '#server/api/fields.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { readInstallation } from './actions.js';

const state = z.enum(['ok', 'warn', 'fail']);

const health = z
  .object({
    state: state.describe('The worst of what was found.'),
    findings: z.array(
      z.object({
        about: z.string().describe('What was looked at, in one word.'),
        state,
        text: z.string(),
        figures: z.record(z.string(), z.number()).describe('As in the metrics, without `gatehouse_`.'),
      }),
    ),
    jobs: z.array(
      z.object({
        name: z.string(),
        lastRunAt: apiTime,
        lastSuccessAt: apiTime.nullable(),
        failures: z.number().describe('In a row, up to now.'),
        nextRunAt: apiTime,
      }),
    ),
  })
  .meta({ id: 'Health' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/health',
    tag: 'Organisations',
    summary: 'How this installation is',
    description: 'For operators: what the page of health and `gatehouse doctor` say.',
    access: may('tenants:read'),
    reply: health,
    async handler({ context }) {
      const { state: worst, findings, jobs } = await readInstallation(context);
      return {
        state: worst,
        findings: findings.map((finding) => ({ ...finding, figures: finding.figures ?? {} })),
        jobs: jobs.map(({ name, ranAt, succeededAt, failures, nextAt }) => ({
          name,
          lastRunAt: isoTime(ranAt),
          lastSuccessAt: isoTime(succeededAt),
          failures,
          nextRunAt: isoTime(nextAt),
        })),
      };
    },
  }),
];
