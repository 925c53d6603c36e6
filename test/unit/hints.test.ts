import { contactHints } from '../../nodes/FeishuMail/actions/contact/mailContact';
import { folderHints } from '../../nodes/FeishuMail/actions/folder/mailFolder';
import { labelHints } from '../../nodes/FeishuMail/actions/label/label';
import { ruleHints, ruleIdHints } from '../../nodes/FeishuMail/actions/rule/mailRule';
import { platformHints, rejectedTokenCodes } from '../../nodes/FeishuMail/transport/platformHints';

/** Codes on the reference pages of all endpoints of a resource. */
const documented = {
	contact: { hints: contactHints, codes: [1230001, 1230002, 1230003] },
	folder: { hints: folderHints, codes: [1230001, 1230002, 1230003] },
	rule: { hints: ruleHints, codes: [1230001, 1230002, 1230003] },
	'chosen rule': { hints: ruleIdHints, codes: [1230001, 1230002, 1230003] },
	label: {
		hints: labelHints,
		codes: [1230100, 1230101, 1230102, 1230103, 1234000, 1234013, 1234017, 1234030],
	},
};

const platform = [
	10003, 10014, 10015, 1230005, 99991400, 99991401, 99991403, 99991543, 99991661, 99991662, 99991663,
	99991664, 99991665, 99991668, 99991669, 99991671, 99991672, 99991673, 99991676, 99991677, 99991679,
	99992402,
];

describe('hints', () => {
	it.each(Object.entries(documented))(
		'explain every documented code of the %s endpoints',
		(_, { hints, codes }) => {
			expect(Object.keys(hints).map(Number).sort()).toEqual(codes);
		},
	);

	it('explain the codes of the platform', () => {
		expect(Object.keys(platformHints).map(Number).sort()).toEqual([...platform].sort());
	});

	it.each([
		...Object.values(documented).flatMap(({ hints }) => Object.values(hints)),
		...Object.values(platformHints),
	])('%s: no blame, and nothing that n8n would replace', (hint) => {
		expect(hint).not.toMatch(/\b(error|failed|failure|mistake|problem|invalid)\b/i);
		// n8n-workflow replaces a message that holds one of these, in any letter case.
		expect(hint).not.toMatch(
			/ECONN(REFUSED|RESET|ABORTED)|ENOTFOUND|ETIMEDOUT|EADDRNOTAVAIL|EHOSTUNREACH|EAI_AGAIN|ENOENT|EACCES|EEXIST|EPERM|EISDIR|GETADDRINFO/i,
		);
		expect(hint).not.toMatch(/\.$/);
	});

	it('renew the token for rejected tokens only, never for missing permissions', () => {
		expect([...rejectedTokenCodes].sort()).toEqual([
			99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677,
		]);
	});
});
