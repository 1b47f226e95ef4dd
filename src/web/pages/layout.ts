import type { IncomingMessage } from 'node:http';
import type { Token } from '../access/tokens.ts';
import { type Html, html } from './html.ts';
import type { StaticFiles } from './static-files.ts';

/** What stands around every page. */
export interface Frame {
	readonly files: StaticFiles;
	/** Ascending. */
	readonly nav: readonly { readonly label: string; readonly href: string }[];
}

export interface Laid {
	/** The name of the page, for scripts and styles. */
	readonly name: string;
	readonly title: string;
	/** Whose session it is; null: nobody's. */
	readonly account: Token | null;
	readonly request: IncomingMessage;
	readonly scripts?: Iterable<string>;
	readonly styles?: Iterable<string>;
	/** Without navigation, and without a way to log in. */
	readonly isAlone?: boolean;
	readonly main: Html;
}

/** A whole page. */
export function layout({ files, nav }: Frame, laid: Laid): string {
	const { name, title, account, request, main, isAlone = false } = laid;
	const path = (request.url ?? '/').split('?', 1)[0];
	const theme = themeOf(request.headers.cookie);
	const styles = ['page.css', ...(laid.styles ?? [])];
	const scripts = ['shell.js', ...(laid.scripts ?? [])];
	const imported = new Set(scripts.flatMap((script) => files.importsOf(script)));
	const window = title === 'pingmachine' ? title : `${title} - pingmachine`;
	return html`<!doctype html>
<html lang="en"${theme === null ? null : html` data-theme="${theme}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${theme ?? 'light dark'}">
<title>${window}</title>
<link rel="icon" href="${files.urlOf('icon.svg')}">
${styles.map((style) => html`<link rel="stylesheet" href="${files.urlOf(style)}">\n`)}${[...imported].map((module) => html`<link rel="modulepreload" href="${files.urlOf(module)}">\n`)}${scripts.map(
	(script) => html`<script type="module" src="${files.urlOf(script)}"></script>\n`,
)}</head>
<body data-page="${name}" data-files="${files.hash}">
<a class="skip" href="#main">To the content</a>
<header class="top">
${
	isAlone
		? html`<span class="brand">pingmachine</span>`
		: html`<a class="brand" href="/">pingmachine</a>
<nav aria-label="Pages"><ul>
${nav.map(
	({ label, href }) =>
		html`<li><a href="${href}"${href === path ? html` aria-current="page"` : null}>${label}</a></li>\n`,
)}</ul></nav>`
}
<p class="link-state" id="link-state" role="status"></p>
<button type="button" id="theme" hidden>Theme</button>
${isAlone ? null : accountOf(account, request)}
</header>
<main id="main" tabindex="-1">
<h1><bdi>${title}</bdi></h1>
${main}
</main>
</body>
</html>
`.toString();
}

function accountOf(account: Token | null, { url = '/' }: IncomingMessage): Html {
	if (account === null)
		return html`<a class="account" href="/login?to=${encodeURIComponent(url)}">Log in</a>`;
	return html`<form class="account" method="post" action="/logout"><span>${account.name}</span> <button>Log out</button></form>`;
}

/** What a reader has chosen; null: as the system has it. */
function themeOf(cookies: string | undefined): 'light' | 'dark' | null {
	const found = /(?:^|;\s*)pingmachine_theme=(light|dark)(?:;|$)/.exec((cookies ?? '').slice(0, 8192));
	return (found?.[1] as 'light' | 'dark' | undefined) ?? null;
}
