import { head } from '../server/answers.ts';
import { RequestFault, type Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { answerHtml } from './answer-html.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import type { Page, PageContext, PageForm, PageRoom, Section } from './page.ts';
import { checkSecret } from './secret-input.ts';
import type { StaticFiles } from './static-files.ts';

/** The frame of all pages that these rooms have. */
export function frameOf(files: StaticFiles, rooms: readonly PageRoom[]): Frame {
	const inNav = rooms.flatMap(({ pages }) =>
		pages.flatMap((page) => (page.nav ? [{ ...page.nav, page }] : [])),
	);
	inNav.sort((a, b) => a.order - b.order);
	return { files, nav: inNav.map(({ label, page }) => ({ label, href: page.path })) };
}

/** A route for each page, and one for each form. */
export function pageRoutes(parts: WebParts, frame: Frame, rooms: readonly PageRoom[]): Route[] {
	const sections = rooms.flatMap((room) => room.sections);
	return rooms
		.flatMap(({ pages }) => pages)
		.flatMap((page) => {
			const own = sections.filter((section) => section.page === page.name);
			own.sort((a, b) => a.order - b.order);
			const shown = { parts, frame, page, sections: own };
			return page.form === undefined ? [routeOf(shown)] : [routeOf(shown), formRoute(shown, page.form)];
		});
}

interface ShownPage {
	readonly parts: WebParts;
	readonly frame: Frame;
	readonly page: Page;
	/** Ascending. */
	readonly sections: readonly Section[];
}

function routeOf(shown: ShownPage): Route {
	const { parts, page } = shown;
	return {
		...{ method: 'GET', path: page.path, part: page.part ?? 'pages', scope: 'read', isPage: true },
		handle: (asked) => show(shown, { parts, asked, nowSeconds: Date.now() / 1000, sent: null }, 200),
	};
}

function formRoute(shown: ShownPage, { scope, bodyMax, take }: PageForm): Route {
	const { parts, page } = shown;
	return {
		...{ method: 'POST', path: page.path, part: page.part ?? 'pages', scope, isPage: true, bodyMax },
		hasSecretInForm: true,
		handle: async (asked) => {
			const form = new URLSearchParams((await asked.body()).toString('utf8'));
			checkSecret(asked, form);
			const context: PageContext = { parts, asked, nowSeconds: Date.now() / 1000, sent: null };
			const taken = await take(context, form);
			if ('findings' in taken) {
				await show(shown, { ...context, sent: { form, findings: taken.findings } }, 422);
				return;
			}
			head(asked.response, 303, { location: taken.goTo, 'content-length': 0 });
			asked.response.end();
		},
	};
}

async function show(
	{ frame, page, sections }: ShownPage,
	context: PageContext,
	status: number,
): Promise<void> {
	const title = await page.title(context);
	const shown: Html[] = [];
	const scripts = new Set<string>();
	const styles = new Set<string>();
	for (const section of sections) {
		const content = await contentOf(section, context);
		if (content === null) continue;
		shown.push(framed(section, content));
		if (section.script !== undefined) scripts.add(section.script);
		if (section.style !== undefined) styles.add(section.style);
	}
	const { request, response, who, session } = context.asked;
	const account = session === null ? null : who;
	const { name, isAlone = false, keepSeconds, part = 'pages' } = page;
	const whose = context.parts.settings.public.includes(part) ? 'public' : 'private';
	const laid = { name, title, account, request, scripts, styles, isAlone, main: html`${shown}` };
	const kept = keepSeconds === undefined ? {} : { 'cache-control': `${whose}, max-age=${keepSeconds}` };
	await answerHtml(request, response, status, layout(frame, laid), kept);
}

async function contentOf(section: Section, context: PageContext): Promise<Html | null> {
	try {
		return await section.render(context);
	} catch (error) {
		if (error instanceof RequestFault) throw error;
		context.parts.log.error(
			`web: the section ${section.id} failed, a fault in pingmachine itself: ${(error as Error).stack}`,
		);
		return html`<p class="trouble">This part cannot be shown: a fault in pingmachine itself. Its log has more.</p>`;
	}
}

function framed({ id, title, isTitleHidden }: Section, content: Html): Html {
	const heading = isTitleHidden ? html`<h2 class="unseen" id="${id}-title">` : html`<h2 id="${id}-title">`;
	return html`<section id="${id}" aria-labelledby="${id}-title">
${heading}${title}</h2>
${content}
</section>
`;
}
