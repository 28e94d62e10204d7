/** What a viewer wants to receive, beyond what was negotiated. Plain values that cross threads. */

/** Settings of a viewer; what is left out stays as it is. */
export interface ViewerSettings {
  /** The publishers to receive, by name and in this order, as far as the viewer's m-lines reach; null for all. */
  readonly publishers?: readonly string[] | null
  /** Whether audio or video is paused: nothing of it is sent, and nothing is asked of the publisher for it. */
  readonly paused?: { readonly audio?: boolean; readonly video?: boolean }
}
