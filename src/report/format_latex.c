/* LaTeX for pdflatex, with nothing beyond what every distribution has; charts are PDF files beside it. */
#include "format.h"

#include <string.h>

#include "build.h"
#include "characters.h"
#include "plot.h"
#include "report_files.h"

static unsigned pictures(void) {
  return GP_PLOT_PDF;
}

/* Characters that LaTeX reads as something else, and those beyond Latin that its fonts can show. Hyphens are apart, since
 * two would become a dash. */
typedef struct spelling {
  uint32_t code;
  const char *latex;
} spelling;
static const spelling spellings[] = {
    {'\\', "\\textbackslash{}"},
    {'{', "\\{"},
    {'}', "\\}"},
    {'$', "\\$"},
    {'&', "\\&"},
    {'#', "\\#"},
    {'%', "\\%"},
    {'_', "\\_\\allowbreak{}"},
    {'^', "\\textasciicircum{}"},
    {'~', "\\textasciitilde{}"},
    {'<', "\\textless{}"},
    {'>', "\\textgreater{}"},
    {'|', "\\textbar{}"},
    {'"', "\\textquotedbl{}"},
    {'\'', "\\textquotesingle{}"},
    {'`', "\\textasciigrave{}"},
    {'-', "{-}"},
    {'/', "/\\allowbreak{}"},
    {',', ",\\allowbreak{}"},
    {'=', "=\\allowbreak{}"},
    {0xA0, "~"},
    {0xB1, "\\ensuremath{\\pm}"},
    {0xB2, "\\textsuperscript{2}"},
    {0xB3, "\\textsuperscript{3}"},
    {0xB5, "\\textmu{}"},
    {0xB7, "\\ensuremath{\\cdot}"},
    {0xD7, "\\ensuremath{\\times}"},
    {0x3B2, "\\ensuremath{\\beta}"},
    {0x3B4, "\\ensuremath{\\delta}"},
    {0x3B7, "\\ensuremath{\\eta}"},
    {0x3BB, "\\ensuremath{\\lambda}"},
    {0x3BC, "\\ensuremath{\\mu}"},
    {0x3BE, "\\ensuremath{\\xi}"},
    {0x3C3, "\\ensuremath{\\sigma}"},
    {0x3C6, "\\ensuremath{\\varphi}"},
    {0x3C7, "\\ensuremath{\\chi}"},
    {0x2009, "\\,"},
    {0x2013, "\\textendash{}"},
    {0x2014, "\\textemdash{}"},
    {0x2018, "\\textquoteleft{}"},
    {0x2019, "\\textquoteright{}"},
    {0x201C, "\\textquotedblleft{}"},
    {0x201D, "\\textquotedblright{}"},
    {0x2026, "\\textellipsis{}"},
    {0x2032, "\\ensuremath{'}"},
    {0x2070, "\\textsuperscript{0}"},
    {0x2081, "\\textsubscript{1}"},
    {0x20AC, "\\texteuro{}"},
    {0x2190, "\\ensuremath{\\leftarrow}"},
    {0x2192, "\\ensuremath{\\rightarrow}"},
    {0x2202, "\\ensuremath{\\partial}"},
    {0x2212, "\\ensuremath{-}"},
    {0x221A, "\\ensuremath{\\surd}"},
    {0x221E, "\\ensuremath{\\infty}"},
    {0x2248, "\\ensuremath{\\approx}"},
    {0x2260, "\\ensuremath{\\neq}"},
    {0x2264, "\\ensuremath{\\leq}"},
    {0x2265, "\\ensuremath{\\geq}"},
};

static const char *spelling_of(uint32_t code) {
  for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
    if (spellings[i].code == code) return spellings[i].latex;
  }
  return NULL;
}

/* Letters of Latin-1 and Latin Extended-A that the T1 fonts have all of; others are named by their number. */
static void add_letter(gp_text *out, uint32_t code) {
  bool accented = (code >= 0xC0 && code <= 0xFF) || (code >= 0x100 && code <= 0x107) ||
                  (code >= 0x10C && code <= 0x111) || (code >= 0x118 && code <= 0x11B) ||
                  (code >= 0x141 && code <= 0x144) || (code >= 0x158 && code <= 0x15B) ||
                  (code >= 0x160 && code <= 0x161) || (code >= 0x179 && code <= 0x17E);
  if (code < 0x80 || accented)
    gp_character_add(out, code);
  else
    gp_text_add(out, "[U+%04X]", (unsigned)code);
}

/* Plain text; line feeds become `feed`, blanks `blank`. */
static void add_spaced(gp_text *out, const char *text, const char *feed, const char *blank) {
  uint32_t code;
  while (*text != '\0') {
    text += gp_character(text, &code);
    const char *latex = code == '\n' ? feed : code == ' ' ? blank : spelling_of(code);
    if (latex != NULL)
      gp_text_add(out, "%s", latex);
    else
      add_letter(out, code);
  }
}

static void add_escaped(gp_text *out, const gp_text *text) {
  add_spaced(out, text->data != NULL ? text->data : "", "\n\n", " ");
}

enum { LONG = 34 };

/* Whether a column's texts may need several lines. */
static bool is_long(const gp_block *block, size_t column) {
  if (block->columns[column].number) return false;
  for (size_t r = 0; r < gp_block_rows(block); r++)
    if (strlen(gp_block_cell(block, r, column)) > LONG) return true;
  return false;
}

/* Columns of long texts share what the others leave of the line. */
static void add_columns(gp_text *out, const gp_block *block) {
  size_t many = 0;
  for (size_t c = 0; c < block->column_count; c++) many += is_long(block, c);
  for (size_t c = 0; c < block->column_count; c++) {
    if (is_long(block, c))
      gp_text_add(out, ">{\\raggedright\\arraybackslash}p{%.2f\\linewidth}", 0.6 / (double)many);
    else
      gp_text_add(out, block->columns[c].number ? "r" : "l");
  }
}

static void add_table(gp_text *out, const gp_block *block) {
  if (block->column_count == 0) return;
  if (block->text.length > 0) {
    add_escaped(out, &block->text);
    gp_text_add(out, "\\nopagebreak\n\n");
  }
  gp_text_add(out, "{\\%s\\setlength\\tabcolsep{%s}\n\\begin{longtable}{",
              block->column_count > 7 ? "scriptsize" : "small", block->column_count > 7 ? "3pt" : "5pt");
  add_columns(out, block);
  gp_text_add(out, "}\n");
  for (size_t c = 0; c < block->column_count; c++) {
    gp_text_add(out, c == 0 ? "{" : " & {");
    add_escaped(out, &block->columns[c].head);
    gp_text_add(out, "}");
  }
  gp_text_add(out, "\\\\\\hline\\noalign{\\vskip 2pt}\\endhead\n");
  for (size_t r = 0; r < gp_block_rows(block); r++) {
    for (size_t c = 0; c < block->column_count; c++) {
      gp_text_add(out, c == 0 ? "{" : " & {");
      add_spaced(out, gp_block_cell(block, r, c), " ", " ");
      gp_text_add(out, "}");
    }
    gp_text_add(out, "\\\\\n");
  }
  gp_text_add(out, "\\end{longtable}}\n\n");
}

/* Line by line, blanks kept: an environment of its own could be ended by what stands in it. */
static void add_code(gp_text *out, const char *text, const char *size) {
  gp_text_add(out, "\\begin{flushleft}\\%s\\ttfamily\n\\mbox{}", size);
  add_spaced(out, text, "\\\\\n\\mbox{}", "\\ ");
  gp_text_add(out, "\n\\end{flushleft}\n\n");
}

/* More lines would not stand on a page with their figure. */
enum { LINES_MAX = 40 };

static size_t lines_of(const char *text) {
  size_t lines = 1;
  for (; (text = strchr(text, '\n')) != NULL; text++) lines++;
  return lines;
}

static void add_figure(gp_text *out, const gp_block *block) {
  const char *numbers = block->numbers.data != NULL ? block->numbers.data : "";
  gp_text_add(out,
              "\\begin{figure}[htbp]\n\\centering\n\\includegraphics[width=\\linewidth]{%s.pdf}\n\\caption{",
              block->path.data);
  add_spaced(out, block->text.data != NULL ? block->text.data : "", " ", " ");
  if (*numbers != '\0' && lines_of(numbers) > LINES_MAX) {
    gp_text_add(out, " The numbers are in \\texttt{");
    add_escaped(out, &block->path);
    gp_text_add(out, ".txt}.");
  }
  gp_text_add(out, "}\n");
  if (*numbers != '\0' && lines_of(numbers) <= LINES_MAX) add_code(out, numbers, "scriptsize");
  gp_text_add(out, "\\end{figure}\n\n");
}

static void add_heading(gp_text *out, const gp_block *block) {
  static const char *const commands[] = {"section", "subsection", "subsubsection"};
  if (block->level == 1) {
    gp_text_add(out, "{\\LARGE\\bfseries\\raggedright ");
    add_escaped(out, &block->text);
    gp_text_add(out, "\\par}\\medskip\n\n");
    return;
  }
  gp_text_add(out, "\\%s*{", commands[block->level < 4 ? block->level - 2 : 2]);
  add_escaped(out, &block->text);
  gp_text_add(out, "}\n\n");
}

static void add_block(gp_text *out, const gp_block *block) {
  switch (block->kind) {
  case GP_BLOCK_HEADING:
    add_heading(out, block);
    break;
  case GP_BLOCK_PARAGRAPH:
    add_escaped(out, &block->text);
    gp_text_add(out, "\n\n");
    break;
  case GP_BLOCK_ITEM:
    gp_text_add(out, "\\item{} ");
    add_escaped(out, &block->text);
    gp_text_add(out, "\n");
    break;
  case GP_BLOCK_CODE:
    add_code(out, block->text.data != NULL ? block->text.data : "", "footnotesize");
    break;
  case GP_BLOCK_TABLE:
    add_table(out, block);
    break;
  case GP_BLOCK_FIGURE:
    add_figure(out, block);
    break;
  }
}

static const char preamble[] = "\\documentclass[10pt,a4paper]{article}\n"
                               "\\usepackage[T1]{fontenc}\n\\usepackage[utf8]{inputenc}\n"
                               "\\usepackage{textcomp}\n"
                               "\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{\\usepackage{mathptmx}}\n"
                               "\\usepackage[margin=22mm]{geometry}\n"
                               "\\usepackage{array,longtable,graphicx}\n"
                               "\\setlength\\parindent{0pt}\\setlength\\parskip{6pt plus 2pt}\n"
                               "\\setlength\\LTleft{0pt}\\setlength\\LTright{0pt plus 1fill}\n"
                               "\\renewcommand\\topfraction{.9}\\renewcommand\\textfraction{.1}\n"
                               "\\emergencystretch=3em\n"
                               "\\ifdefined\\pdfinfo\\pdfobjcompresslevel=0 "
                               "\\pdfinfo{/Creator (written by gradpath report)}\\fi\n"
                               "\\begin{document}\n\n";

static gp_status write_latex(const gp_document *document, const char *folder, gp_text *notes) {
  gp_text page = {0};
  bool list = false;
  (void)notes;
  gp_text_add(&page, "%% %s, version %s; compile with pdflatex in this folder\n%s", gp_format_latex.mark,
              gp_build_version(), preamble);
  for (size_t b = 0; b < document->count; b++) {
    bool item = document->blocks[b].kind == GP_BLOCK_ITEM;
    /* Figures float: they shall not drift into the next section. */
    if (b > 0 && document->blocks[b - 1].kind == GP_BLOCK_FIGURE &&
        document->blocks[b].kind == GP_BLOCK_HEADING)
      gp_text_add(&page, "\\clearpage\n");
    if (item != list) gp_text_add(&page, item ? "\\begin{itemize}\n" : "\\end{itemize}\n\n");
    list = item;
    add_block(&page, &document->blocks[b]);
  }
  gp_text_add(&page, "%s\\end{document}\n", list ? "\\end{itemize}\n" : "");
  gp_status status = gp_file_write(folder, gp_format_latex.file, &page);
  gp_text_free(&page);
  return status;
}

const gp_format gp_format_latex = {
    .name = "latex",
    .file = "report.tex",
    .mark = "written by gradpath report",
    .pictures = pictures,
    .write = write_latex,
};
