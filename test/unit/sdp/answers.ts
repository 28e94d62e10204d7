/** Offers of ours, and answers to them: recorded ones of other servers and browsers, and those that we give ourselves. */
import { readdirSync, readFileSync } from 'node:fs'
import { offerToReceive, type ReceiveOfferOptions } from '../../../src/sdp/offer-to-receive.js'
import { offerToSend, type SendOfferOptions } from '../../../src/sdp/offer-to-send.js'
import { readPublisherAnswer, readViewerAnswer } from '../../../src/sdp/read-answer.js'
import type { AnsweredOffer, LocalParameters, PublisherSection, ViewerSection } from '../../../src/sdp/types.js'
import type { WrittenOffer } from '../../../src/sdp/write-offer.js'
import { FULL_CAPABILITIES, LOCAL, streams } from './offers.js'

/** The side that makes the offers of these tests; `LOCAL` answers them. */
export const OFFERER: LocalParameters = {
  ...LOCAL,
  iceUfrag: 'offererUfrag',
  icePwd: 'offererPasswordOf24Letrs',
  cname: 'cnameOfOfferer',
}

export const receive = (options: ReceiveOfferOptions = {}, capabilities = FULL_CAPABILITIES): WrittenOffer =>
  offerToReceive(OFFERER, capabilities, options)

export const send = (options: SendOfferOptions = {}, capabilities = FULL_CAPABILITIES): WrittenOffer =>
  offerToSend(OFFERER, streams(), capabilities, options)

export const readSender = (
  answer: string,
  offer = receive(),
  capabilities = FULL_CAPABILITIES,
): AnsweredOffer<PublisherSection> => readPublisherAnswer(answer, offer, capabilities)

export const readReceiver = (
  answer: string,
  offer = send(),
  capabilities = FULL_CAPABILITIES,
): AnsweredOffer<ViewerSection> => readViewerAnswer(answer, offer, capabilities)

const FOLDER = new URL('../../fixtures/answers/', import.meta.url)

/** Every answer in `test/fixtures/answers`; the name says who gave it, and what it does. */
export const ANSWERS = readdirSync(FOLDER)
  .sort()
  .map((file) => ({
    name: file.slice(0, -4),
    sends: file.includes('-send'),
    sdp: readFileSync(new URL(file, FOLDER), 'utf8'),
  }))

export function answerOf(name: string): string {
  const found = ANSWERS.find((one) => one.name === name)
  if (!found) throw new Error(`no fixture ${name}`)
  return found.sdp
}
