/** Writes packaging/grafana/dashboards/: npm run dashboards. Its source is scripts/grafana/. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles } from './grafana/dashboards.ts';

const folder = 'packaging/grafana/dashboards';
for (const [name, text] of dashboardFiles) writeFileSync(join(folder, name), text);
process.stdout.write(`${dashboardFiles.size} dashboards are in ${folder}\n`);
