import { RequestFault, type Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { answerHtml } from './answer-html.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import type { Page, PageContext, PageRoom, Section } from './page.ts';
import type { StaticFiles } from './static-files.ts';

/** The frame of all pages that these rooms have. */
export function frameOf(files: StaticFiles, rooms: readonly PageRoom[]): Frame {
	const inNav = rooms.flatMap(({ pages }) =>
		pages.flatMap((page) => (page.nav ? [{ ...page.nav, page }] : [])),
	);
	inNav.sort((a, b) => a.order - b.order);
	return { files, nav: inNav.map(({ label, page }) => ({ label, href: page.path })) };
}

/** A route for each page. */
export function pageRoutes(parts: WebParts, frame: Frame, rooms: readonly PageRoom[]): Route[] {
	const sections = rooms.flatMap((room) => room.sections);
	return rooms
		.flatMap(({ pages }) => pages)
		.map((page) => {
			const own = sections.filter((section) => section.page === page.name);
			own.sort((a, b) => a.order - b.order);
			return routeOf(parts, frame, page, own);
		});
}

function routeOf(parts: WebParts, frame: Frame, page: Page, sections: readonly Section[]): Route {
	return {
		...{ method: 'GET', path: page.path, part: page.part ?? 'pages', scope: 'read', isPage: true },
		handle: async (asked) => {
			const context: PageContext = { parts, asked, nowSeconds: Date.now() / 1000 };
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
			const { request, response, who, session } = asked;
			const account = session === null ? null : who;
			const main = html`${shown}`;
			const text = layout(frame, { name: page.name, title, account, request, scripts, styles, main });
			await answerHtml(request, response, 200, text);
		},
	};
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
