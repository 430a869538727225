/** The practice bar: breaking a cluster that stays, leading kubectl to it, and a panel that follows. One cluster, so one test at a time. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { devUrl } from '../../playwright.config.ts';
import { tutorial } from '../support/tutorial.ts';

test.describe.configure({ mode: 'serial' });

const page = (id: string): string => `${devUrl}/issues/${id}/`;
const cluster = (on: Page) => on.getByRole('combobox', { name: 'Cluster', exact: true });
const fault = (on: Page) => on.getByRole('combobox', { name: 'Fault', exact: true });
const said = (on: Page) => on.locator('.rb-practice-said');
const report = (on: Page) => on.locator('.rb-result .rb-report');

async function practise(on: Page, id: string): Promise<void> {
  await on.goto(page(id));
  await cluster(on).selectOption('practice');
  await on.getByRole('button', { name: 'Reset' }).click();
  // What is said and found may be of the start; its buttons come back when the reset is done.
  await expect(on.getByRole('button', { name: 'Reset' })).toBeEnabled();
  await expect(said(on)).toContainText('Nothing is broken.');
  await expect(report(on)).toHaveAttribute('data-outcome', 'passed');
}

test('keeps the demo cluster that is chosen, and runs by itself', async ({ page: browser }) => {
  await browser.goto(page('gateway-not-programmed'));
  await cluster(browser).selectOption('demo:operator-crash-loop');
  await expect(fault(browser)).toBeHidden();
  await browser.getByRole('button', { name: 'Practise on this cluster, with kubectl' }).click();
  await expect(cluster(browser)).toHaveValue('practice');
  await expect(said(browser)).toContainText('Broken: The Tailscale Operator crashes at start.');
  await expect(report(browser)).toHaveAttribute('data-outcome', 'failed');
  await expect(browser.getByRole('button', { name: 'Watch' })).toHaveAttribute('aria-pressed', 'true');
});

test('turns green by itself when what is wrong out there is mended', async ({ page: browser }) => {
  await practise(browser, 'request-path');
  await fault(browser).selectOption('dns-not-split');
  await browser.getByRole('button', { name: 'Break it' }).click();
  await expect(report(browser)).toHaveAttribute('data-outcome', 'failed');
  const outside = browser.locator('.rb-practice-part', { hasText: 'What no kubectl command can mend here' });
  await expect(outside).toContainText('admin console');
  await outside.getByRole('button', { name: 'Do that' }).click();
  await expect(outside.getByRole('button', { name: 'Done' })).toBeDisabled();
  await expect(report(browser)).toHaveAttribute('data-outcome', 'passed');
});

const press = (on: Page, name: string) => on.getByRole('button', { name, exact: true }).click();

test('goes as the tutorial says, click by click', async ({ page: browser }) => {
  const says = tutorial('practise');
  await browser.goto(page('gateway-not-programmed'));
  says('choose _Practice cluster_');
  await cluster(browser).selectOption({ label: 'Practice cluster' });
  says('until you press **Reset**');
  await press(browser, 'Reset');
  await expect(said(browser)).toContainText('Nothing is broken.');
  says('_In your terminal_', 'It begins with `export KUBECONFIG=`');
  const terminal = browser.locator('.rb-practice-part', { hasText: 'In your terminal' });
  await expect(terminal.locator('code')).toHaveText(/^export KUBECONFIG=/);

  says('_Envoy Gateway is scaled to zero_ and press **Break it**');
  await fault(browser).selectOption({ label: 'Envoy Gateway is scaled to zero' });
  await press(browser, 'Break it');
  await expect(report(browser)).toHaveAttribute('data-outcome', 'failed');
  await expect(report(browser).locator('.rb-remedy .rb-command').first()).toContainText('kubectl scale');

  says('_MagicDNS does not ask the tailnet resolver for the domain_ and press **Break it**');
  await fault(browser).selectOption({ label: 'MagicDNS does not ask the tailnet resolver for the domain' });
  await press(browser, 'Break it');
  says('The bar says which page it is about', 'the practice cluster comes along');
  await said(browser).getByRole('link', { name: 'A hostname does not open' }).click();
  await expect(cluster(browser)).toHaveValue('practice');
  await expect(report(browser)).toHaveAttribute('data-outcome', 'failed');
  says('_What no kubectl command can mend here_', 'Press **Do that**');
  await expect(browser.getByText('What no kubectl command can mend here')).toBeVisible();
  await press(browser, 'Do that');
  await expect(report(browser)).toHaveAttribute('data-outcome', 'passed');
  await expect(said(browser)).toContainText('Mended: MagicDNS does not ask');

  says('Break it with _Vault is sealed_');
  await expect(fault(browser).locator('option', { hasText: 'Vault is sealed' })).toHaveCount(1);
  says('Press **Surprise me**', 'press **Reveal it**');
  await press(browser, 'Surprise me');
  await expect(said(browser)).toContainText('Something is broken.');
  await press(browser, 'Reveal it');
  await expect(said(browser)).toContainText('Broken: ');

  says('_Trouble on the way to the cluster_');
  const trouble = browser.getByRole('combobox', { name: 'Trouble on the way to the cluster' });
  const named = [...readFileSync('content/tutorials/practise.md', 'utf8').matchAll(/^\| ([A-Z][^|]*?) +\|/gm)].map(
    ([, title = '']) => title,
  );
  expect(named.length).toBeGreaterThan(3);
  for (const title of named.filter((one) => one !== 'Trouble'))
    await expect(trouble.locator('option', { hasText: title })).toHaveCount(1);
  await press(browser, 'Reset');
});

/** What kubectl prints in a terminal into which the bar's line was typed. */
async function kubectl(on: Page, ...args: readonly string[]): Promise<string> {
  const kubeconfig = ((await on.locator('.rb-practice code').textContent()) ?? '').replace('export KUBECONFIG=', '');
  const env = { PATH: process.env['PATH'], HOME: dirname(kubeconfig), KUBECONFIG: kubeconfig };
  return (await promisify(execFile)('kubectl', [...args], { env })).stdout;
}

test('turns green by itself when kubectl mends it in a terminal', async ({ page: browser }) => {
  await practise(browser, 'gateway-not-programmed');
  await fault(browser).selectOption('controller-scaled-down');
  await browser.getByRole('button', { name: 'Break it' }).click();
  await expect(report(browser)).toHaveAttribute('data-outcome', 'failed');
  const command = (await report(browser).locator('.rb-remedy .rb-command').first().textContent()) ?? '';
  expect(command).toMatch(/^kubectl scale /);
  await kubectl(browser, ...command.trim().split(/\s+/).slice(1));
  await expect(report(browser)).toHaveAttribute('data-outcome', 'passed');
  await expect(said(browser)).toContainText('Mended: Envoy Gateway is scaled to zero.');
  await expect(said(browser)).not.toContainText('Broken');
});

test('leads kubectl to it', async ({ page: browser, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await practise(browser, 'gateway-not-programmed');
  expect(await kubectl(browser, 'get', 'gateways', '-A')).toContain('True');
  await browser.locator('.rb-practice .rb-copy').click();
  await expect
    .poll(() => browser.evaluate(() => navigator.clipboard.readText()))
    .toMatch(/^export KUBECONFIG=\/.+\/kubeconfig$/);
});

test('surprises without telling, until it is asked to', async ({ page: browser }) => {
  await practise(browser, 'gateway-not-programmed');
  const told: Promise<string>[] = [];
  browser.on('response', (response) => {
    if (response.url().includes('/_runbook/practice')) told.push(response.text().catch(() => ''));
  });
  await browser.getByRole('button', { name: 'Surprise me' }).click();
  await expect(said(browser)).toContainText('Something is broken.');
  await expect(browser.locator('.rb-meter')).toContainText('As of');
  const before = (await Promise.all(told)).join('\n');
  expect(before).toContain('"secret"');
  const revealed = browser.waitForResponse((response) => response.url().endsWith('/practice/reveal'));
  await browser.getByRole('button', { name: 'Reveal it' }).click();
  const { broken } = (await (await revealed).json()) as { broken: { id: string; title: string } };
  await expect(said(browser)).toContainText(`Broken: ${broken.title}.`);
  expect(before).not.toContain(broken.id);
  await expect(browser.getByRole('button', { name: 'Reveal it' })).toBeHidden();
});

test('makes trouble on the way, and ends it', async ({ page: browser }) => {
  await practise(browser, 'missing-sni');
  const trouble = browser.getByRole('combobox', { name: 'Trouble on the way to the cluster' });
  await trouble.selectOption('expired-token');
  await expect(report(browser)).toHaveAttribute('data-outcome', 'unknown');
  await expect(report(browser)).toContainText('Log in again');
  const open = report(browser).locator('.rb-unknown .rb-open');
  await expect(open.locator('summary')).toHaveText(/^\d+ checks are not judged$/);
  await expect(open.locator('ul')).toBeHidden();
  await trouble.selectOption('');
  await expect(report(browser)).toHaveAttribute('data-outcome', 'passed');
});

test('works by keyboard, and says aloud what happened', async ({ page: browser }) => {
  await practise(browser, 'gateway-not-programmed');
  await fault(browser).focus();
  await fault(browser).selectOption('operator-crash-loop');
  await browser.keyboard.press('Tab');
  await expect(browser.getByRole('button', { name: 'Break it' })).toBeFocused();
  await browser.keyboard.press('Enter');
  await expect(said(browser)).toContainText('Broken: The Tailscale Operator');
  await expect(said(browser)).toHaveAttribute('aria-live', 'polite');
  await expect(browser.getByRole('region', { name: 'Practise' })).toBeVisible();
});

for (const theme of ['light', 'dark'] as const) {
  test(`has no problem that axe finds, nor a sideways scroll, in ${theme} on a phone`, async ({ page: browser }) => {
    await browser.setViewportSize({ width: 390, height: 844 });
    await browser.addInitScript((chosen) => localStorage.setItem('starlight-theme', chosen), theme);
    await practise(browser, 'request-path');
    await fault(browser).selectOption('dns-not-split');
    await browser.getByRole('button', { name: 'Break it' }).click();
    await expect(browser.getByRole('button', { name: 'Do that' })).toBeVisible();
    const { violations } = await new AxeBuilder({ page: browser }).include('.rb-practice').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    const isWide = await browser.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(isWide).toBe(false);
  });
}
