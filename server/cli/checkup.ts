import type { Command } from 'commander';
import { verdictOf } from '#server/checkup/finding.js';
import { checkOrganisation } from '#server/checkup/organisation.js';
import { ownAddress } from '#server/lib/own-address.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { print, printList } from './print.js';

export function addCheckup(program: Command): void {
  program
    .command('checkup')
    .argument('<organization>', 'its short name')
    .description('tell what to do next about an organisation, worst first')
    .option('--json', 'as JSON', false)
    .action((slug: string, { json }: { json: boolean }) =>
      withInstallation('demand', async ({ services, context }) => {
        const findings = await checkOrganisation(context(await findTenant(slug)));
        const rows = findings.map(({ item, urgency, heading, text, count, more, who, step }) => ({
          ...{ item, urgency, heading, text, count, more },
          who: who.map(({ name }) => name),
          step: step.label,
          link: step.href && `${ownAddress(services.config, slug)}${step.href}`,
        }));
        if (!json) print(`${verdictOf(findings).heading}.`);
        if (json || rows.length > 0) printList(rows, ['urgency', 'heading', 'who', 'step', 'link'], json);
      }),
    );
}
