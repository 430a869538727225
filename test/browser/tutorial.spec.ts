/** The clicks of the tutorial of a first run, in their order; its commands are followed in test/content, those of practising in practice.spec.ts. */
import { expect, test, type Page } from '@playwright/test';
import { devUrl } from '../../playwright.config.ts';
import { tutorial } from '../support/tutorial.ts';

const cluster = (on: Page) => on.getByRole('combobox', { name: 'Cluster', exact: true });
const report = (on: Page) => on.locator('.rb-result > .rb-report');
const press = (on: Page, name: string) => on.getByRole('button', { name, exact: true }).click();

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
  for (const part of ['Root cause', 'How to fix it', 'Consequences', 'Ruled out']) {
    says(part);
    await expect(report(page).getByText(part).first()).toBeVisible();
  }

  await cluster(page).selectOption({ label: 'Nothing is broken' });
  await press(page, 'Run');
  await expect(report(page)).toHaveAttribute('data-outcome', 'passed');
});
