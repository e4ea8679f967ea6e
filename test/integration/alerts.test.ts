import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { describeUnless, missing, pathTo, run } from './programs.js';

const RULES = join(PROJECT_ROOT, 'docs/examples/alerts.yml');
/** A figure a minute, for so many minutes. */
const MINUTES = 200;

const bucket = (le: string): string => `gatehouse_http_request_duration_seconds_bucket{le="${le}"}`;
const requests = (status: string): string => `gatehouse_http_requests_total{status="${status}"}`;
const signIns = (result: string): string => `gatehouse_sign_ins_total{result="${result}"}`;
const BACKUP = 'gatehouse_last_backup_timestamp_seconds';
const CHECK = 'gatehouse_check{about="disk"}';
const ONE_JOB = '{job="purge"}';
const BROKEN = 'gatehouse_security_events_total{event="log.broken"}';

/** Where all is well: each figure at the beginning, and by how much it grows in a minute. */
const WELL: Readonly<Record<string, string>> = {
  'up{job="gatehouse"}': '1+0',
  gatehouse_database_up: '1+0',
  [CHECK]: '0+0',
  [requests('200')]: '0+600',
  [requests('500')]: '0+0',
  [bucket('0.5')]: '0+600',
  [bucket('1')]: '0+600',
  [bucket('2.5')]: '0+600',
  [bucket('+Inf')]: '0+600',
  nodejs_eventloop_lag_p99_seconds: '0.01+0',
  gatehouse_outbox_oldest_seconds: '5+0',
  gatehouse_outbox_given_up_last_day: '0+0',
  [`gatehouse_job_failures${ONE_JOB}`]: '0+0',
  [`gatehouse_job_next_run_timestamp_seconds${ONE_JOB}`]: '300+60',
  gatehouse_disk_free_bytes: '50000000000+0',
  [BACKUP]: '0+60',
  [signIns('succeeded')]: '0+20',
  [signIns('failed')]: '0+1',
  gatehouse_lockouts_total: '0+0',
  [BROKEN]: '0+0',
};

/** What is otherwise when each of them has to be raised, and what is said then. */
const ILL: Readonly<Record<string, readonly [figures: Record<string, string>, summary: string]>> = {
  GatehouseDown: [{ 'up{job="gatehouse"}': '0+0' }, 'Gatehouse does not answer on .'],
  GatehouseDatabaseDown: [
    { gatehouse_database_up: '0+0' },
    'The database of Gatehouse does not answer: nobody can sign in.',
  ],
  GatehouseCheckFails: [{ [CHECK]: '2+0' }, 'Gatehouse finds that disk does not work. See the page of health.'],
  GatehouseErrors: [{ [requests('500')]: '0+12' }, 'More than one request in a hundred ends in an error.'],
  GatehouseSlow: [
    { [bucket('0.5')]: '0+300', [bucket('1')]: '0+500' },
    'One request in twenty takes longer than a second.',
  ],
  GatehouseEventLoopLags: [
    { nodejs_eventloop_lag_p99_seconds: '0.7+0' },
    'Gatehouse is kept from answering for half a second at a time.',
  ],
  GatehouseMailStuck: [
    { gatehouse_outbox_oldest_seconds: '0+60' },
    'Mail has waited for half an hour: links for new passwords do not arrive.',
  ],
  GatehouseMailGivenUp: [{ gatehouse_outbox_given_up_last_day: '3+0' }, '3 mails of the last day were given up.'],
  GatehouseJobFails: [{ [`gatehouse_job_failures${ONE_JOB}`]: '3+0' }, 'The job purge fails, or is not run.'],
  GatehouseDiskFills: [{ gatehouse_disk_free_bytes: '900000000+0' }, 'The disk of Gatehouse is full within a day.'],
  GatehouseBackupOld: [{ [BACKUP]: '-172000+0' }, 'No backup of Gatehouse has been made for two days.'],
  GatehouseGuessing: [
    { [signIns('failed')]: '0+200' },
    'Somebody guesses at passwords: 3000 failed sign-ins in a quarter of an hour.',
  ],
  GatehouseLockouts: [{ gatehouse_lockouts_total: '0+1' }, '60 accounts were locked within an hour.'],
  GatehouseLogBroken: [{ [BROKEN]: `0x${MINUTES - 30} 1+0` }, 'A security log was found broken.'],
};

/** What stands beside the severity: which of them it is. */
const LABELS: Readonly<Record<string, string>> = {
  GatehouseDown: ', job: gatehouse',
  GatehouseCheckFails: ', about: disk',
  GatehouseJobFails: ', job: purge',
  GatehouseLogBroken: ', event: log.broken',
};

/** The same alerts by other roads. */
const ALSO: readonly (readonly [alert: string, figures: Record<string, string | null>])[] = [
  ['GatehouseJobFails', { [`gatehouse_job_next_run_timestamp_seconds${ONE_JOB}`]: '0+0' }],
  ['GatehouseDiskFills', { gatehouse_disk_free_bytes: '50000000000-50000000' }],
  ['GatehouseBackupOld', { [BACKUP]: null }],
  // Nobody has been able to sign in since it was started.
  ['GatehouseGuessing', { [signIns('succeeded')]: '0+0', [signIns('failed')]: '0+200' }],
];

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function testOf(name: string, changed: Record<string, string | null>, expected: string): string {
  const series = Object.entries({ ...WELL, ...changed }).map(([figure, values]) =>
    values === null ? '' : `      - { series: ${quoted(figure)}, values: ${quoted(`${values}x${MINUTES}`)} }\n`,
  );
  return `  - name: ${quoted(name)}
    interval: 1m
    input_series:
${series.join('')}${expected}`;
}

const raised = (alerts: readonly string[]): string => `    promql_expr_test:
      - expr: 'count by (alertname) (ALERTS{alertstate="firing"})'
        eval_time: ${MINUTES - 1}m
        exp_samples: [${alerts.map((alert) => `{ labels: ${quoted(`{alertname="${alert}"}`)}, value: 1 }`).join(', ')}]
`;

describeUnless(missing('promtool'))('Alerts, by the rules of docs/examples/alerts.yml', () => {
  let folder: string;
  const source = readFileSync(RULES, 'utf8');
  const alerts = [...source.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-rules-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function holds(...tests: string[]): void {
    const file = join(folder, 'rules-test.yml');
    writeFileSync(file, `rule_files: [${RULES}]\nevaluation_interval: 1m\ntests:\n${tests.join('')}`);
    const { status, stdout, stderr } = run(pathTo('promtool') ?? '', ['test', 'rules', file], 100_000);
    assert.equal(status, 0, stdout + stderr);
  }

  it('none is raised where all is well', () => {
    holds(testOf('all is well', {}, raised([])));
  });

  it('each is raised by what it is about, and no other beside it', () => {
    assert.deepEqual(Object.keys(ILL), alerts, 'Say of each alert what raises it, in the order of the rules.');
    holds(
      ...Object.entries(ILL).map(([alert, [figures]]) => testOf(alert, figures, raised([alert]))),
      ...ALSO.map(([alert, figures]) => testOf(`${alert}, too`, figures, raised([alert]))),
    );
  });

  it('each says what is the matter, in words', () => {
    const tests = Object.entries(ILL).map(([alert, [figures, summary]]) => {
      const [, severity = ''] = new RegExp(`alert: ${alert}\\n[^]*?severity: (\\w+)`).exec(source) ?? [];
      const labels = `severity: ${severity}${LABELS[alert] ?? ''}`;
      const expected = `{ exp_labels: { ${labels} }, exp_annotations: { summary: ${quoted(summary)} } }`;
      const at = `eval_time: ${MINUTES - 1}m, alertname: ${alert}`;
      return testOf(alert, figures, `    alert_rule_test: [{ ${at}, exp_alerts: [${expected}] }]\n`);
    });
    holds(...tests);
  });
});
