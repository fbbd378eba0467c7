#include <editline/readline.h>
#include <histedit.h>
#include <stdlib.h>

// Swift cannot assign to C globals safely; these do.

/// Gives words that may complete `text`, which begins at `start` of the line.
typedef char **(*tess_edit_completion)(const char *text, int start, int end);

static inline void tess_edit_set_completion(tess_edit_completion completion) {
  rl_attempted_completion_function = completion;
  rl_attempted_completion_over = 1;
}

/// Says that no file names complete the present word either.
static inline void tess_edit_end_completion(void) { rl_attempted_completion_over = 1; }

/// The line that is being typed.
static inline const char *tess_edit_line(void) { return rl_line_buffer; }

/// The characters that end a word.
static inline void tess_edit_set_word_breaks(const char *characters) {
  rl_completer_word_break_characters = (char *)characters;
}
