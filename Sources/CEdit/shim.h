#include <editline/readline.h>
#include <histedit.h>
