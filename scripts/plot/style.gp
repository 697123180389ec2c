# ---- the house style: fonts, inks, grid, terminals ------------------------------------------------------------------
# Sizes in points and inches are true in all three formats. Without Lato fontconfig takes the default, on most machines
# DejaVu Sans: that costs looks, never a figure.

set encoding utf8
set minussign
if (!exists("dark")) dark = 0
if (!exists("zoom")) zoom = 1.0
ink = dark ? '#EDEDED' : '#222222'
quiet = dark ? '#ABABAB' : '#666666'
faint = dark ? '#34383E' : '#E4E4E4'
paper = dark ? '#15181C' : '#FFFFFF'
frame = dark ? '#9A9A9A' : '#444444'
hatch = dark ? '#666666' : '#BBBBBB'   # of cells that were not run
cairo_face = 'Lato'
face = cairo_face
web_face = 'Lato&#44; DejaVu Sans&#44; sans-serif'   # a family list, in the one spelling that gnuplot passes on

# Inches and points are those of the layout; `zoom` enlarges the page with everything on it. An SVG is laid out in pixels of
# 1/96 inch, the others in points; PNG at 200 dots per inch. In cairolatex LaTeX sets the letters.
unit = 1.0
sized(points) = sprintf('%s,%.2f', face, points * unit * zoom)
wide(inches) = inches * page_width * zoom
high(inches) = inches * page_height * zoom
page(format) = format eq 'svg' ? \
    sprintf("unit = 96.0/72; face = web_face; set terminal svg size %d,%d font '%s,%.2f' rounded linewidth %.3f background '%s'", \
            wide(96), high(96), web_face, 12 * zoom, zoom, paper) : \
  format eq 'pdf' ? \
    sprintf("unit = 1.0; face = cairo_face; set terminal pdfcairo size %gin,%gin font '%s,%.2f' fontscale 0.75 linewidth %.3f rounded background rgb '%s'", \
            wide(1), high(1), cairo_face, 9 * zoom, 2.1 * zoom, paper) : \
  format eq 'cairolatex' ? \
    sprintf("unit = 1.0; face = ''; load '%s-latex.gp'; set format '%s %%h'; set terminal cairolatex pdf size %gin,%gin font ',9' linewidth %.3f rounded background rgb '%s'", \
            name, zoom < 1 ? "\\scriptsize" : "\\footnotesize", wide(1), high(1), 2.1 * zoom, paper) : \
    sprintf("unit = 1.0; face = cairo_face; set terminal pngcairo size %d,%d font '%s,%.2f' fontscale 2.0833 linewidth %.3f pointscale %.2f rounded background rgb '%s'", \
            wide(200), high(200), cairo_face, 9 * zoom, 2.0833 * zoom, 2 * zoom, paper)
picture(format) = format eq 'cairolatex' ? name.'-latex.tex' : name.'.'.format

band(color) = (lines > 4 ? '#DC' : '#C0').color[2:7]   # the same colour, nearly transparent
inch_x(x) = x / page_width       # inches as a share of the page
inch_y(y) = y / page_height

set border 3 lc rgb frame lw 0.8
set tics nomirror out scale 0.4,0.2 textcolor rgb ink
set grid lt 1 lc rgb faint lw 0.8
set style fill solid noborder
unset key
