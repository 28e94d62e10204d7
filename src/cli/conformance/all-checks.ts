/** The whole checklist, in the order in which it is run. */
import type { Check } from './check.js'
import { ANSWER_CHECKS } from './checks/answer-checks.js'
import { CORS_CHECKS } from './checks/cors-checks.js'
import { ENDPOINT_CHECKS } from './checks/endpoint-checks.js'
import { EVENT_CHECKS } from './checks/event-checks.js'
import { LAYER_CHECKS } from './checks/layer-checks.js'
import { LINK_CHECKS } from './checks/link-checks.js'
import { OFFER_CHECKS } from './checks/offer-checks.js'
import { RESTART_CHECKS } from './checks/restart-checks.js'
import { SESSION_CHECKS } from './checks/session-checks.js'
import { TOKEN_CHECKS } from './checks/token-checks.js'
import { TRICKLE_CHECKS } from './checks/trickle-checks.js'

export const ALL_CHECKS: readonly Check[] = [
  ...ENDPOINT_CHECKS,
  ...OFFER_CHECKS,
  ...ANSWER_CHECKS,
  ...SESSION_CHECKS,
  ...TRICKLE_CHECKS,
  ...RESTART_CHECKS,
  ...CORS_CHECKS,
  ...LINK_CHECKS,
  ...TOKEN_CHECKS,
  ...EVENT_CHECKS,
  ...LAYER_CHECKS,
]
