/** The tutorials' clicks, in their order, from the first page on; their commands are followed in test/content. */
import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { devUrl } from '../../playwright.config.ts';

test.describe.configure({ mode: 'serial' });

const cluster = (on: Page) => on.getByRole('combobox', { name: 'Cluster', exact: true });
const report = (on: Page) => on.locator('.rb-result > .rb-report');
const press = (on: Page, name: string) => on.getByRole('button', { name, exact: true }).click();

/** What a tutorial says in bold, that is pressed or opened, and in italics, that is read or chosen: what is done here has to stand there. */
const tutorial = (name: string) => {
  const text = readFileSync(`content/tutorials/${name}.md`, 'utf8');
  return (...words: readonly string[]): void => words.forEach((word) => expect(text).toContain(word));
};

test('your first run', async ({ page }) => {
  const says = tutorial('first-run');
  await page.goto(devUrl);
  says('press **Something is broken**');
  await page.getByRole('link', { name: 'Something is broken', exact: true }).click();
  await expect(page).toHaveURL(/#something-is-broken$/);
  says('_`kubectl get gateway` says `PROGRAMMED False`_');
  await page.getByRole('link', { name: 'kubectl get gateway says PROGRAMMED False' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Gateway shows not programmed');

  says('choose _Nothing is broken_ under _Demo cluster_');
  await expect(cluster(page).locator('optgroup[label="Demo cluster"]')).toContainText('Nothing is broken');
  await cluster(page).selectOption({ label: 'Nothing is broken' });
  says('_What it checks, and how to look yourself_');
  await page.getByText('What it checks, and how to look yourself').click();
  await expect(page.locator('.rb-checks li').first()).toBeVisible();
  says('Press **Run**', 'The GatewayClass is accepted by Envoy Gateway');
  await press(page, 'Run');
  await expect(report(page)).toHaveAttribute('data-outcome', 'passed');
  await report(page).getByText('Ruled out').click();
  await expect(report(page)).toContainText('The GatewayClass is accepted by Envoy Gateway');

  says('_The Tailscale Operator crashes at start_');
  await cluster(page).selectOption({ label: 'The Tailscale Operator crashes at start' });
  await press(page, 'Run');
  await expect(report(page)).toHaveAttribute('data-outcome', 'failed');
  for (const part of ['Root cause', 'What to do', 'Consequences', 'Ruled out']) {
    says(part);
    await expect(report(page).getByText(part).first()).toBeVisible();
  }

  await cluster(page).selectOption({ label: 'Nothing is broken' });
  await press(page, 'Run');
  await expect(report(page)).toHaveAttribute('data-outcome', 'passed');
});

test('practise on a broken cluster', async ({ page }) => {
  const says = tutorial('practise');
  const said = page.locator('.rb-practice-said');
  const faults = page.getByRole('combobox', { name: 'Fault', exact: true });
  await page.goto(`${devUrl}/issues/gateway-not-programmed/`);
  says('choose _Practice cluster_');
  await cluster(page).selectOption({ label: 'Practice cluster' });
  says('until you press **Reset**');
  await press(page, 'Reset');
  await expect(said).toContainText('Nothing is broken.');
  says('_In your terminal_', 'It begins with `export KUBECONFIG=`');
  const terminal = page.locator('.rb-practice-part', { hasText: 'In your terminal' });
  await expect(terminal.locator('code')).toHaveText(/^export KUBECONFIG=/);

  says('_Envoy Gateway is scaled to zero_ and press **Break it**');
  await faults.selectOption({ label: 'Envoy Gateway is scaled to zero' });
  await press(page, 'Break it');
  await expect(report(page)).toHaveAttribute('data-outcome', 'failed');
  await expect(report(page).locator('.rb-remedy .rb-command').first()).toContainText('kubectl scale');

  says('_MagicDNS does not ask the tailnet resolver for the domain_ and press **Break it**');
  await faults.selectOption({ label: 'MagicDNS does not ask the tailnet resolver for the domain' });
  await press(page, 'Break it');
  says('The bar says that it is about [A hostname does not open]', 'the practice cluster comes along');
  await said.getByRole('link', { name: 'A hostname does not open' }).click();
  await expect(cluster(page)).toHaveValue('practice');
  await expect(report(page)).toHaveAttribute('data-outcome', 'failed');
  says('_What no kubectl command can mend here_', 'Press **Do that**');
  await expect(page.getByText('What no kubectl command can mend here')).toBeVisible();
  await press(page, 'Do that');
  await expect(report(page)).toHaveAttribute('data-outcome', 'passed');
  await expect(said).toContainText('Mended: MagicDNS does not ask');

  says('Break it with _Vault is sealed_');
  await expect(faults.locator('option', { hasText: 'Vault is sealed' })).toHaveCount(1);
  says('Press **Surprise me**', 'press **Reveal it**');
  await press(page, 'Surprise me');
  await expect(said).toContainText('Something is broken.');
  await press(page, 'Reveal it');
  await expect(said).toContainText('Broken: ');

  says('_Trouble on the way to the cluster_');
  const trouble = page.getByRole('combobox', { name: 'Trouble on the way to the cluster' });
  const named = [...readFileSync('content/tutorials/practise.md', 'utf8').matchAll(/^\| ([A-Z][^|]*?) +\|/gm)].map(
    ([, title = '']) => title,
  );
  expect(named.length).toBeGreaterThan(3);
  for (const title of named.filter((one) => one !== 'Trouble'))
    await expect(trouble.locator('option', { hasText: title })).toHaveCount(1);
  await press(page, 'Reset');
});
